CREATE TABLE `hooks` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`worker_id` text NOT NULL,
	`kind` text NOT NULL,
	`secret_version` integer NOT NULL,
	`iv` text NOT NULL,
	`ciphertext` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`last_outcome` text
);
--> statement-breakpoint
CREATE INDEX `hooks_by_worker` ON `hooks` (`worker_id`,`id`);