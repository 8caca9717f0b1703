import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { RULE_HEADER, type RuleSteering, USER_HEADER, type UserSteering } from './application.js';

export interface Sent {
  /** Who `authenticateUser` shall say is calling; absent: nobody. */
  user?: UserSteering;
  /** What `authorizeOperation` shall do. Default: allow. */
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
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of a reply is the test's to say
  json: any;
}

/** One request over a socket of its own. The target goes out as it is: `fetch` would resolve dots and encode. */
export function send(origin: string, method: string, target: string, sent: Sent = {}): Promise<Received> {
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
    const request = httpRequest({ hostname, port, method, path: target, headers, agent: false }, async (response) => {
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
