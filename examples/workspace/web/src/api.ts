/** The client of the application's own routes. The client of the Vortex routes is in `@vortex/react`. */
import type { Failure } from './failure.js';

export interface User {
  id: string;
  email: string;
  name: string;
}

export type Role = 'admin' | 'member';

export interface Team {
  id: string;
  name: string;
}

export interface Session {
  user: User | null;
  teams: (Team & { role: Role })[];
}

export interface TeamPage extends Team {
  members: (User & { role: Role })[];
}

export interface Person extends User {
  teams: string[];
}

/** What the page of an invitation shows to a visitor who is not signed in. */
export interface Preview {
  team: string | null;
  inviter: string | null;
  state: 'open' | 'accepted' | 'revoked' | 'expired';
}

export interface Mail {
  id: string;
  at: string;
  to: string;
  subject: string;
  text: string;
  link: string;
}

export const api = {
  me: () => call<Session>('GET', '/me'),
  team: (teamId: string) => call<TeamPage>('GET', `/teams/${encodeURIComponent(teamId)}`),
  sendSignInLink: (email: string, next: string) => call('POST', '/session', { email, next }),
  signInByLink: (token: string) => call('POST', '/session/link', { token }),
  signInAs: (userId: string) => call('POST', '/session/demo', { userId }),
  signOut: () => call('DELETE', '/session'),
  people: () => call<{ people: Person[] }>('GET', '/demo/people'),
  preview: (invitationId: string) => call<Preview>('GET', `/invitations/${encodeURIComponent(invitationId)}`),
  removeMember: (teamId: string, userId: string) =>
    call('DELETE', `/teams/${encodeURIComponent(teamId)}/members/${encodeURIComponent(userId)}`),
  outbox: () => call<{ mails: Mail[]; emulatorUrl: string | null }>('GET', '/demo/outbox'),
};

class ApiError extends Error implements Failure {
  readonly code: string;
  readonly status: number;

  constructor({ message, code, status }: Failure) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Milliseconds to wait for an answer. The server waits 10,000 ms for Vortex, and then says so. */
const TIMEOUT = 15_000;

async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const fail = () => {
    throw new ApiError(
      signal.aborted
        ? { message: 'The server did not answer in time.', code: 'TIMEOUT', status: 0 }
        : { message: 'The server cannot be reached.', code: 'NETWORK_ERROR', status: 0 },
    );
  };
  const response = await fetch(`/api${path}`, {
    method,
    signal,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(fail);
  // A body that ends early is a failure as well, and only text that is not JSON is the answer of another server, such as a proxy.
  const answer = await response.json().catch((error) => (error instanceof SyntaxError ? undefined : fail()));
  if (response.ok && answer) return answer;
  const { error: message = 'The server sent an unexpected response.', code = 'BAD_RESPONSE' } = answer ?? {};
  throw new ApiError({ message, code, status: response.status });
}
