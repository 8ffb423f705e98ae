ALTER TABLE `deploys` ADD `restores` integer;--> statement-breakpoint
ALTER TABLE `releases` ADD `restores` integer;--> statement-breakpoint
ALTER TABLE `releases` ADD `predeploy_command` text;