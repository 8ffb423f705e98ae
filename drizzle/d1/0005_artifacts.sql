CREATE TABLE `artifact_parts` (
	`key` text NOT NULL,
	`part` integer NOT NULL,
	`etag` text NOT NULL,
	PRIMARY KEY(`key`, `part`)
);
--> statement-breakpoint
CREATE TABLE `artifacts` (
	`key` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`digest` text NOT NULL,
	`host_id` text NOT NULL,
	`bytes` integer NOT NULL,
	`state` text NOT NULL,
	`upload_id` text,
	`part_bytes` integer NOT NULL,
	`touched_at` integer NOT NULL,
	`looked_at` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `artifacts_stored` ON `artifacts` (`project_id`,`digest`) WHERE state = 'stored';--> statement-breakpoint
CREATE UNIQUE INDEX `artifacts_uploading` ON `artifacts` (`project_id`,`digest`,`host_id`) WHERE state = 'uploading';--> statement-breakpoint
CREATE INDEX `artifacts_by_state` ON `artifacts` (`state`,`looked_at`);