CREATE TABLE members (team text, account_id text, role text NOT NULL, PRIMARY KEY (team, account_id));
CREATE TABLE joins (team text, account_id text, ignore_until timestamptz NOT NULL, PRIMARY KEY (team, account_id));

-- Adds the account $2 to the team $1 with the role $5, by an invitation that was made at $3 and accepted at $4. A member keeps their role.
WITH joined AS (
  INSERT INTO joins (team, account_id, ignore_until) VALUES ($1, $2, greatest($3::timestamptz, $4::timestamptz))
  ON CONFLICT (team, account_id) DO UPDATE SET ignore_until = excluded.ignore_until WHERE joins.ignore_until < $3
  RETURNING team, account_id
)
INSERT INTO members (team, account_id, role) SELECT team, account_id, $5 FROM joined
ON CONFLICT DO NOTHING;

-- Removes a member. Run both in one transaction, in this order.
INSERT INTO joins (team, account_id, ignore_until) VALUES ($1, $2, now() - interval '10 seconds')
ON CONFLICT (team, account_id) DO UPDATE SET ignore_until = greatest(joins.ignore_until, excluded.ignore_until);
DELETE FROM members WHERE team = $1 AND account_id = $2;
