/** Requests as the components of a browser make them. Some must be refused, and some API calls meet a fault. */
import type { OutgoingHttpHeaders } from 'node:http';
import { RULE_HEADER, type RuleSteering, USER_HEADER } from '../application.js';
import { FLEETING_HEADER } from './program.js';
import { type Fault, faultNames, faults, faultyId } from './upstream.js';

/** Share of the requests whose API call meets a fault. */
const FAULTY = 0.1;
/** Share of the requests that their caller aborts. */
const FLEETING = 0.02;

export interface Wanted {
  method: string;
  path: string;
  headers: OutgoingHttpHeaders;
  body?: string;
  /** The status that the reply must have. */
  status: number;
  /** True if a reply of 200 belongs to this request. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the route
  isOwn(json: any): boolean;
  /** Milliseconds after which the caller disconnects. */
  leavesAfter?: number;
}

/** @param tag letters, a hyphen and digits that no other request of the upstream has */
export function nextRequest(tag: string): Wanted {
  const wanted = nextOf(requestsOf(tag, Math.random() < FAULTY ? pick(faultNames) : undefined));
  if (Math.random() >= FLEETING) return wanted;
  return { ...wanted, headers: { ...wanted.headers, [FLEETING_HEADER]: '1' }, leavesAfter: Math.random() * 40 };
}

/** Makes a request whose API call is slow and succeeds. */
export function slowRequest(tag: string): Wanted & { id: string } {
  const { id, one } = requestsOf(tag, 'slow');
  return { ...one(), id };
}

function nextOf({ one, list, jwt, accept, remove }: ReturnType<typeof requestsOf>): Wanted {
  const share = Math.random() * 100;
  if (share < 25) return one();
  if (share < 35) return one('load, then allow');
  if (share < 55) return list();
  if (share < 70) return jwt();
  if (share < 82) return accept();
  if (share < 90) return remove();
  if (share < 93) return remove('load, then allow');
  if (share < 96) return { ...remove('load, but deny without looking'), status: 403 };
  if (share < 98) return { ...list('false'), status: 403 };
  return { ...jwt(), headers: {}, status: 401 };
}

function requestsOf(tag: string, fault: Fault | undefined) {
  const when = pick(['once', 'always'] as const);
  const id = fault ? faultyId(tag, fault, when) : tag;

  const statusOf = (method: string) => {
    if (!fault) return 200;
    const { status, retried } = faults[fault];
    return retried && when === 'once' && method !== 'POST' ? 200 : status;
  };
  const request = (
    method: string,
    path: string,
    rule: RuleSteering,
    isOwn: Wanted['isOwn'],
    json?: unknown,
  ): Wanted => {
    const user = { id: tag, email: `${tag}@harbor.example` };
    const headers = { [USER_HEADER]: encodeURIComponent(JSON.stringify(user)), [RULE_HEADER]: rule };
    const wanted = { method, path: `/api/vortex${path}`, headers, status: statusOf(method), isOwn };
    if (json === undefined) return wanted;
    const body = JSON.stringify(json);
    const content = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return { ...wanted, headers: { ...headers, ...content }, body };
  };

  return {
    id,
    one: (rule: RuleSteering = 'true') => request('GET', `/invitations/${id}`, rule, (json) => json.id === id),
    list: (rule: RuleSteering = 'true') =>
      request('GET', `/invitations/by-scope/team/${id}`, rule, (json) => json.invitations[2].id === `${id}-3`),
    jwt: () => {
      const isOwn: Wanted['isOwn'] = (json) => JSON.parse(atob(json.jwt.split('.')[1])).userId === tag;
      // There is no API call that could meet a fault.
      return { ...request('POST', '/jwt', 'true', isOwn), status: 200 };
    },
    accept: () => {
      const isOwn: Wanted['isOwn'] = (json) => json.id === id && json.invitations.length === 1;
      return request('POST', '/invitations/accept', 'true', isOwn, { invitationIds: [id] });
    },
    remove: (rule: RuleSteering = 'true') =>
      request('DELETE', `/invitations/${id}`, rule, (json) => json.success === true),
  };
}

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)] as Item;
}
