CREATE TABLE `audit` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`target` text NOT NULL,
	`detail` text NOT NULL,
	`request_id` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_by_project` ON `audit` (`project_id`,`id`);--> statement-breakpoint
CREATE TABLE `env_vars` (
	`worker_id` text NOT NULL,
	`name` text NOT NULL,
	`version` integer NOT NULL,
	`iv` text,
	`ciphertext` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`worker_id`, `name`, `version`)
);
--> statement-breakpoint
CREATE TABLE `hosts` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`public_key` text NOT NULL,
	`capacity` text NOT NULL,
	`facts` text NOT NULL,
	`joined_at` integer NOT NULL,
	`registered_at` integer,
	`removed_at` integer,
	`removal_applied_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `hosts_by_name` ON `hosts` (`project_id`,`name`) WHERE removed_at IS NULL;--> statement-breakpoint
CREATE TABLE `idempotency` (
	`actor` text NOT NULL,
	`key_hash` text NOT NULL,
	`fingerprint` text NOT NULL,
	`seed` text NOT NULL,
	`created_at` integer NOT NULL,
	`answer` text,
	PRIMARY KEY(`actor`, `key_hash`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_by_age` ON `idempotency` (`created_at`);--> statement-breakpoint
CREATE TABLE `host_projections` (
	`host_id` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`status` text NOT NULL,
	`capacity` text,
	`facts` text,
	`used` integer NOT NULL,
	`epoch` integer NOT NULL,
	`last_heard_at` integer,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `worker_projections` (
	`worker_id` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`status` text NOT NULL,
	`status_reason` text,
	`running` integer NOT NULL,
	`release` integer,
	`last_deploy_at` integer,
	`last_crash_at` integer,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `projects` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`wrapped_key` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `projects_name_unique` ON `projects` (`name`);--> statement-breakpoint
CREATE TABLE `join_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`hash` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	`used_by` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `join_tokens_hash_unique` ON `join_tokens` (`hash`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`hash` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	`last_used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_hash_unique` ON `tokens` (`hash`);--> statement-breakpoint
CREATE INDEX `tokens_by_project` ON `tokens` (`project_id`,`id`);--> statement-breakpoint
CREATE TABLE `worker_specs` (
	`worker_id` text NOT NULL,
	`version` integer NOT NULL,
	`spec` text NOT NULL,
	`actor` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`worker_id`, `version`)
);
--> statement-breakpoint
CREATE TABLE `workers` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`spec_version` integer NOT NULL,
	`applied_version` integer DEFAULT 0 NOT NULL,
	`env_version` integer DEFAULT 0 NOT NULL,
	`initial_deploy_id` text,
	`created_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `workers_by_name` ON `workers` (`project_id`,`name`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE INDEX `workers_by_project` ON `workers` (`project_id`,`id`);--> statement-breakpoint
CREATE INDEX `workers_unapplied` ON `workers` (`id`) WHERE applied_version < spec_version;