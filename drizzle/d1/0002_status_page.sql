CREATE TABLE `incident_updates` (
	`id` text PRIMARY KEY NOT NULL,
	`incident_id` text NOT NULL,
	`status` text NOT NULL,
	`message` text NOT NULL,
	`actor` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `incident_updates_by_incident` ON `incident_updates` (`incident_id`,`at`);--> statement-breakpoint
CREATE TABLE `incidents` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`status` text NOT NULL,
	`impact` text NOT NULL,
	`components` text NOT NULL,
	`started_at` integer NOT NULL,
	`monitoring_at` integer,
	`resolved_at` integer,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `incidents_by_project` ON `incidents` (`project_id`,`started_at`);--> statement-breakpoint
CREATE TABLE `maintenances` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`message` text NOT NULL,
	`components` text NOT NULL,
	`starts_at` integer NOT NULL,
	`ends_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`canceled_at` integer
);
--> statement-breakpoint
CREATE INDEX `maintenances_by_project` ON `maintenances` (`project_id`,`starts_at`);--> statement-breakpoint
CREATE TABLE `status_clock` (
	`id` integer PRIMARY KEY NOT NULL,
	`window` integer NOT NULL,
	`at` integer NOT NULL,
	`streaks` text NOT NULL,
	`gaps` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `status_components` (
	`worker_id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`public` integer NOT NULL,
	`name` text NOT NULL,
	`heading` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `status_components_by_project` ON `status_components` (`project_id`);--> statement-breakpoint
CREATE TABLE `worker_ledgers` (
	`worker_id` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`kind` text NOT NULL,
	`since` integer NOT NULL,
	`days` text NOT NULL,
	`at` integer NOT NULL
);
