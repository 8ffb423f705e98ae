CREATE TABLE `ledger` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `ledger_mark` (
	`id` integer PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`projected_at` integer NOT NULL,
	`projected` text,
	`since` integer NOT NULL,
	`days` text NOT NULL
);
