/** Requests made of rows of a database, whose empty columns are null, and of lists that are readonly. */
import { createBrowserClient } from '@vortex/browser';
import { VortexClient } from '@vortex/core';

interface Row {
  id: string;
  email: string | null;
  name: string | null;
  picture: string | null;
}
declare const row: Row;
declare const team: { readonly type: string; readonly scopeId: string; readonly name: string | null };

const client = new VortexClient(process.env.VORTEX_API_KEY);
const browser = createBrowserClient({ baseUrl: 'https://app.example/api/vortex' });

const domains: readonly string[] = ['acme.example'];
const scopes: readonly (typeof team)[] = [team];
const invitation = {
  widgetConfigurationId: 'w',
  target: { type: 'email', value: 'ada@example.com', name: row.name },
  inviter: { userId: row.id, userEmail: row.email, name: row.name, avatarUrl: row.picture },
  scopes,
  subtype: null,
  metadata: null,
} as const;
const autojoin = { scopeType: 'team', scope: 'harbor', scopeName: team.name, domains, componentId: 'c' };
const user = { email: row.email, name: row.name };

export const calls = [
  client.createInvitation(invitation),
  client.configureAutojoin(autojoin),
  client.acceptInvitation('i', user),
  browser.createInvitation(invitation),
  browser.createInvitation({ ...invitation, inviter: null, scopes: null, scopeId: 'harbor', scopeName: team.name }),
  browser.configureAutojoin(autojoin),
  browser.acceptInvitations(['i'], user),
];
