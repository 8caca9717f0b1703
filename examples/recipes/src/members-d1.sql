CREATE TABLE members (team text, account_id text, role text NOT NULL, PRIMARY KEY (team, account_id));
CREATE TABLE joins (team text, account_id text, ignore_until integer NOT NULL, PRIMARY KEY (team, account_id));
CREATE TABLE vortex_webhooks (id text PRIMARY KEY, owner text NOT NULL, expires bigint NOT NULL);
