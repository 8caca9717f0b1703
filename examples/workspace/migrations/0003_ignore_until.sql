ALTER TABLE "joins" RENAME TO "old_joins";--> statement-breakpoint
CREATE TABLE "joins" (
	"team_id" text NOT NULL,
	"user_id" text NOT NULL,
	"ignore_until" timestamp with time zone NOT NULL,
	CONSTRAINT "joins_team_id_user_id_pk" PRIMARY KEY("team_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "joins" ADD CONSTRAINT "joins_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "joins" ADD CONSTRAINT "joins_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- A user who has joined and is no member was removed, at the latest now.
INSERT INTO "joins" SELECT "team_id", "user_id", coalesce(max("joined_at"), now()) FROM "old_joins" LEFT JOIN "memberships" USING ("team_id", "user_id") GROUP BY "team_id", "user_id";--> statement-breakpoint
DROP TABLE "old_joins";
