CREATE TABLE `agenda` (
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`due` integer NOT NULL,
	PRIMARY KEY(`kind`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `crashes` (
	`seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	`slot` integer NOT NULL,
	`instance` text NOT NULL,
	`attempt` integer NOT NULL,
	`exit_code` integer,
	`signal` text,
	`oom` integer NOT NULL,
	`uptime_ms` integer NOT NULL,
	`release` integer NOT NULL,
	`reason` text NOT NULL,
	`detail` text,
	`tail` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `deploys` (
	`number` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`reason` text,
	`ref` text,
	`commit_id` text,
	`commit_message` text,
	`release` integer,
	`proven` integer NOT NULL,
	`steps` text NOT NULL,
	`tail` text NOT NULL,
	`actor` text NOT NULL,
	`created_at` integer NOT NULL,
	`status_at` integer NOT NULL,
	`ended_at` integer,
	`build_host_id` text,
	`env` text,
	`recipe` text
);
--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`actor` text NOT NULL,
	`message` text NOT NULL,
	`slot` integer,
	`instance` text,
	`deploy` integer,
	`release` integer,
	`crash` text
);
--> statement-breakpoint
CREATE TABLE `exits` (
	`generation` integer NOT NULL,
	`boot_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`generation`, `boot_id`, `attempt`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `frames` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`stream` text NOT NULL,
	`start` integer NOT NULL,
	`end_at` integer NOT NULL,
	`bytes` integer NOT NULL,
	`last` integer NOT NULL,
	`header` text NOT NULL,
	`payload` blob
);
--> statement-breakpoint
CREATE TABLE `hosts` (
	`host_id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`public_key` text NOT NULL,
	`epoch` integer NOT NULL,
	`revision` integer NOT NULL,
	`content` text NOT NULL,
	`acked` integer NOT NULL,
	`silent_at` integer,
	`told_heard_at` integer,
	`removed` integer NOT NULL,
	`strangers` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `instances` (
	`generation` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`slot` integer NOT NULL,
	`deploy` integer NOT NULL,
	`release` integer NOT NULL,
	`host_id` text,
	`state` text NOT NULL,
	`attempt` integer NOT NULL,
	`boot_id` text,
	`pid` integer,
	`started_at` integer,
	`restarts` integer NOT NULL,
	`restart_at` integer,
	`detail` text,
	`created_at` integer NOT NULL,
	`placed_at` integer,
	`first_running_at` integer,
	`healthy_at` integer,
	`soak_crashes` integer NOT NULL,
	`stop_reason` text,
	`stop_why` text,
	`stop_at` integer
);
--> statement-breakpoint
CREATE TABLE `meta` (
	`id` integer PRIMARY KEY NOT NULL,
	`worker_id` text NOT NULL,
	`project_id` text NOT NULL,
	`project` text NOT NULL,
	`spec_version` integer NOT NULL,
	`spec` text NOT NULL,
	`base_deploy` integer,
	`base_release` integer,
	`base_live` integer NOT NULL,
	`next_generation` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_deploy_at` integer,
	`projection` integer NOT NULL,
	`projected` text NOT NULL,
	`projected_at` integer NOT NULL,
	`marked_version` integer NOT NULL,
	`place_delay_ms` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE TABLE `releases` (
	`number` integer PRIMARY KEY NOT NULL,
	`deploy` integer NOT NULL,
	`source` text NOT NULL,
	`digest` text NOT NULL,
	`commit_message` text,
	`start_command` text NOT NULL,
	`stop_signal` text NOT NULL,
	`stop_grace_ms` integer NOT NULL,
	`mode` text NOT NULL,
	`created_at` integer NOT NULL,
	`env` text NOT NULL
);
