import { type Sent, send } from './http.js';

/**
 * The calls of the vendor's React provider as a browser sends them, and replies as it reads them: every call says
 * `Content-Type: application/json`, be there a body or not; every reply must be JSON; a token is decoded by plain `atob`.
 */
export function provider(base: string, user: unknown) {
  const call = async (method: string, path: string, body?: unknown) => {
    const { pathname, origin } = new URL(base);
    const sent: Sent = {
      user,
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const { status, text } = await send(origin, method, `${pathname}${path}`, sent);
    const data = JSON.parse(text);
    if (status < 200 || status > 299) throw new Error(data.error ? data.error : `HTTP ${status}`);
    return data.data === undefined ? data : data.data;
  };
  const part = encodeURIComponent;
  return {
    refreshJwt: async (context?: object) => {
      const { jwt } = await call('POST', '/jwt', context && { context });
      return { jwt, claims: JSON.parse(atob(jwt.split('.')[1])) };
    },
    getInvitationsByTarget: async (type: string, value: string) =>
      (await call('GET', `/invitations?targetType=${part(type)}&targetValue=${part(value)}`)).invitations,
    getInvitation: (id: string) => call('GET', `/invitations/${part(id)}`),
    revokeInvitation: (id: string) => call('DELETE', `/invitations/${id}`),
    acceptInvitations: (invitationIds: string[], target: { type: string; value: string }) =>
      call('POST', '/invitations/accept', { invitationIds, target }),
    getInvitationsByGroup: async (type: string, id: string) =>
      (await call('GET', `/invitations/by-group/${type}/${id}`)).invitations,
    deleteInvitationsByGroup: (type: string, id: string) => call('DELETE', `/invitations/by-group/${type}/${id}`),
    reinvite: (id: string) => call('POST', `/invitations/${id}/reinvite`),
  };
}
