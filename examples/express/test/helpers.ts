/** A visitor with a separate session. Keeps the cookies, and sends the requests that a page sends. */
export class Visitor {
  readonly #app: string;
  #cookies = '';

  constructor(app: string) {
    this.#app = app;
  }

  async call(method: string, path: string, body?: unknown) {
    const headers = { cookie: this.#cookies, origin: this.#app, 'content-type': 'application/json' };
    const response = await fetch(this.#app + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const set = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
    if (set.length > 0) this.#cookies = set.join('; ');
    const json: unknown = await response.json();
    return { status: response.status, json };
  }

  async signIn(userId: string): Promise<this> {
    const { status } = await this.call('POST', '/api/session', { userId });
    if (status !== 200) throw new Error(`The user ${userId} cannot sign in.`);
    return this;
  }
}

/** Builds the body that the page sends to invite someone to teams. */
export function invitation(email: string, ...teamIds: string[]) {
  return {
    widgetConfigurationId: '3c9f2a54-6d0e-4b7c-9a61-0f5b8e2d7c10',
    target: { type: 'email' as const, value: email },
    scopes: teamIds.map((scopeId) => ({ type: 'team', scopeId, name: scopeId })),
  };
}
