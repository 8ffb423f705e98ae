ALTER TABLE `hosts` ADD `intent_version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `hosts` ADD `intent_applied` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `hosts` ADD `cordoned_at` integer;--> statement-breakpoint
ALTER TABLE `hosts` ADD `draining_at` integer;--> statement-breakpoint
ALTER TABLE `hosts` ADD `drain_until` integer;--> statement-breakpoint
ALTER TABLE `host_projections` ADD `held_memory_bytes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `host_projections` ADD `held_cpus` real DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `host_projections` ADD `lost_at` integer;--> statement-breakpoint
ALTER TABLE `host_projections` ADD `frozen` text;