CREATE TABLE `agenda` (
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`due` integer NOT NULL,
	PRIMARY KEY(`kind`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `meta` (
	`id` integer PRIMARY KEY NOT NULL,
	`host_id` text NOT NULL,
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`public_key` text NOT NULL,
	`capacity` text NOT NULL,
	`facts` text NOT NULL,
	`epoch` integer NOT NULL,
	`nonce` text,
	`status` text NOT NULL,
	`last_heard_at` integer,
	`connected` integer NOT NULL,
	`revision` integer NOT NULL,
	`projection` integer NOT NULL,
	`projected` text NOT NULL,
	`projected_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `reservations` (
	`key` text PRIMARY KEY NOT NULL,
	`worker_id` text NOT NULL,
	`kind` text NOT NULL,
	`confirmed` integer NOT NULL,
	`created_at` integer NOT NULL
) WITHOUT ROWID;
