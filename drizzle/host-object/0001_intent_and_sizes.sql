ALTER TABLE `meta` ADD `lost_at` integer;--> statement-breakpoint
ALTER TABLE `meta` ADD `intent_version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `meta` ADD `cordoned` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `meta` ADD `drain_until` integer;--> statement-breakpoint
ALTER TABLE `meta` ADD `frozen` text;--> statement-breakpoint
ALTER TABLE `meta` ADD `thawed_by_hand` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `reservations` ADD `memory_bytes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `reservations` ADD `cpus` real DEFAULT 0 NOT NULL;