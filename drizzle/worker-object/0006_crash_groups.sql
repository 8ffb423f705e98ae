CREATE TABLE `crash_groups` (
	`seq` integer PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`cause` text NOT NULL,
	`title` text NOT NULL,
	`first_at` integer NOT NULL,
	`first_release` integer NOT NULL,
	`last_at` integer NOT NULL,
	`last_release` integer NOT NULL,
	`last_crash` text NOT NULL,
	`count` integer NOT NULL,
	`days` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `crashes` ADD `kind` integer;