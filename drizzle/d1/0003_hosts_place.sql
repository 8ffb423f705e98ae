ALTER TABLE `hosts` ADD `labels` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `hosts` ADD `region` text;