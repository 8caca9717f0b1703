import { type Agent, request as httpRequest } from 'node:http';
import { USER_HEADER } from '../application.js';
import type { HostileRequest } from './requests.js';

export interface Reply {
  status: number;
  type: string;
  text: string;
}

const headers = { [USER_HEADER]: encodeURIComponent(JSON.stringify({ id: 'u-1' })) };

export function exchange(origin: string, { method, target }: HostileRequest, agent: Agent): Promise<Reply> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path: target, headers, agent, timeout: 10_000 };
    const request = httpRequest(options, (response) => {
      const { statusCode: status = 0, headers } = response;
      const type = headers['content-type'] ?? '';
      // A server that could not read the request answers HEAD with a body, which the parser refuses.
      if (method === 'HEAD') resolve({ status, type, text: '' });
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status, type, text }));
    });
    request.on('timeout', () =>
      request.destroy(Object.assign(new Error('no answer within 10,000 ms'), { isOver: true })),
    );
    request.on('error', (error) => {
      // Fastify closes the connection of a request that it could not read, without saying so in its answer.
      const isStale = request.reusedSocket && !('isOver' in error);
      if (isStale) resolve(exchange(origin, { method, target }, agent));
      else reject(error);
    });
    request.end();
  });
}
