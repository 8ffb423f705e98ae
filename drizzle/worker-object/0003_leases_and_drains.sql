ALTER TABLE `hosts` ADD `connected` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `hosts` ADD `heard_at` integer;--> statement-breakpoint
ALTER TABLE `hosts` ADD `drain` text;--> statement-breakpoint
ALTER TABLE `hosts` ADD `drain_version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `hosts` ADD `frozen` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `instances` ADD `mode` text DEFAULT 'available' NOT NULL;--> statement-breakpoint
ALTER TABLE `instances` ADD `leased` integer DEFAULT 0 NOT NULL;