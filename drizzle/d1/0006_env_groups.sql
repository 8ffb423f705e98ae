CREATE TABLE `env_groups` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`env_version` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `env_groups_by_name` ON `env_groups` (`project_id`,`name`);--> statement-breakpoint
CREATE TABLE `group_vars` (
	`group_id` text NOT NULL,
	`name` text NOT NULL,
	`version` integer NOT NULL,
	`iv` text,
	`ciphertext` text,
	`refers` integer DEFAULT false NOT NULL,
	`plain` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`group_id`, `name`, `version`)
);
--> statement-breakpoint
ALTER TABLE `env_vars` ADD `refers` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `env_vars` ADD `plain` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `worker_projections` ADD `live_env` text;--> statement-breakpoint
ALTER TABLE `projects` ADD `wrapped_by` text;--> statement-breakpoint
ALTER TABLE `projects` ADD `wrapped_at` integer;--> statement-breakpoint
ALTER TABLE `workers` ADD `wrapped_by` text;