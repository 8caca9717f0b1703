CREATE TABLE members (team text, account_id text, role text NOT NULL, PRIMARY KEY (team, account_id));
CREATE TABLE removals (team text, account_id text, removed_at timestamptz NOT NULL, PRIMARY KEY (team, account_id));

-- Adds the account $2 to the team $1, unless it was removed after the invitation was made ($3). A member keeps their role.
INSERT INTO members (team, account_id, role)
SELECT $1::text, $2::text, 'member'
WHERE NOT EXISTS (SELECT FROM removals WHERE team = $1 AND account_id = $2 AND removed_at > coalesce($3::timestamptz, '-infinity'))
ON CONFLICT DO NOTHING;

-- Removes a member. Run both in one transaction.
DELETE FROM members WHERE team = $1 AND account_id = $2;
INSERT INTO removals (team, account_id, removed_at) VALUES ($1, $2, now())
ON CONFLICT (team, account_id) DO UPDATE SET removed_at = excluded.removed_at;
