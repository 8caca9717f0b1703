import { type Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { RULE_HEADER, type RuleSteering, USER_HEADER, type UserSteering } from './application.js';

export interface Sent {
  /** The user that `authenticateUser` returns. If absent, the caller is signed out. */
  user?: UserSteering;
  /** @default 'true' */
  rule?: RuleSteering;
  headers?: Record<string, string | string[]>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, in place of `json`. */
  body?: string | Uint8Array;
}

export interface Received {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test asserts the shape that it expects
  json: any;
}

/**
 * Sends one request. The target goes out unchanged: `fetch` would resolve dots and encode it.
 *
 * @param agent keeps connections for further requests. By default, each request has a new socket.
 */
export function send(
  origin: string,
  method: string,
  target: string,
  sent: Sent = {},
  agent: Agent | false = false,
): Promise<Received> {
  const body = sent.body ?? (sent.json === undefined ? undefined : JSON.stringify(sent.json));
  const headers: Record<string, string | string[]> = {
    ...(body !== undefined &&
      !sent.headers?.['transfer-encoding'] && { 'content-length': String(Buffer.byteLength(body)) }),
    ...(sent.json !== undefined && { 'content-type': 'application/json' }),
    ...('user' in sent && { [USER_HEADER]: encodeURIComponent(JSON.stringify(sent.user)) }),
    ...(sent.rule && { [RULE_HEADER]: sent.rule }),
    ...sent.headers,
  };
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path: target, headers, agent }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const isJson = response.headers['content-type']?.startsWith('application/json') && text !== '';
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text) : undefined,
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
