CREATE TABLE "joins" (
	"invitation_id" text NOT NULL,
	"team_id" text NOT NULL,
	"user_id" text NOT NULL,
	CONSTRAINT "joins_invitation_id_team_id_user_id_pk" PRIMARY KEY("invitation_id","team_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "joins" ADD CONSTRAINT "joins_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "joins" ADD CONSTRAINT "joins_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;