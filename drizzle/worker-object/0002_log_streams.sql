CREATE TABLE `streams` (
	`stream` text PRIMARY KEY NOT NULL,
	`first` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `streams` (`stream`, `first`) SELECT `stream`, MIN(`seq`) FROM `frames` WHERE `stream` <> 'system' GROUP BY `stream`;
