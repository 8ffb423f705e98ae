CREATE TABLE `jobs` (
	`generation` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`deploy` integer NOT NULL,
	`release` integer NOT NULL,
	`host_id` text,
	`begun` integer NOT NULL,
	`created_at` integer NOT NULL,
	`placed_at` integer,
	`stop_why` text,
	`stop_at` integer,
	`grace_ms` integer NOT NULL,
	`outcome` text,
	`tail` text NOT NULL
);
