/**
 * Stands in for Amazon API Gateway in front of a Lambda function: `node gateway.ts <file> <payload> <stage>` serves HTTP at
 * `PORT`, and calls the `handler` of the file with an event for each request. A stage is in the paths of its URLs.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Result {
  statusCode: number;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  body?: string;
  isBase64Encoded?: boolean;
}

const [file = '', payload = '', stage = ''] = process.argv.slice(2);
const { handler } = (await import(pathToFileURL(resolve(file)).href)) as {
  handler(event: object, context: object): Promise<Result>;
};

/** The event of a request to a REST API, "payload format 1.0". The path of the event is without the stage. */
function restEvent({ method = '', headers }: IncomingMessage, url: URL, body: Buffer) {
  const path = url.pathname.slice(`/${stage}`.length);
  const query = [...url.searchParams.keys()];
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [String(value)]])),
    queryStringParameters: query.length === 0 ? null : Object.fromEntries(url.searchParams),
    multiValueQueryStringParameters:
      query.length === 0 ? null : Object.fromEntries(query.map((name) => [name, url.searchParams.getAll(name)])),
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      resourcePath: '/{proxy+}',
      httpMethod: method,
      path: url.pathname,
      stage,
      protocol: 'HTTP/1.1',
      requestId: crypto.randomUUID(),
      identity: { sourceIp: '127.0.0.1', userAgent: headers['user-agent'] ?? null },
    },
    body: body.length === 0 ? null : body.toString('base64'),
    isBase64Encoded: body.length > 0,
  };
}

/**
 * The event of a request to an HTTP API, "payload format 2.0". The path has the stage in it. HTTP APIs deliver it decoded and cut at
 * a `?` that was encoded (see https://github.com/middleapi/standard-server/pull/93), and function URLs as it was sent.
 */
function httpEvent({ method = '', headers }: IncomingMessage, url: URL, body: Buffer) {
  const { cookie, ...others } = headers;
  const path = decodeURIComponent(url.pathname).replace(/\?.*$/su, '');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: url.search.slice(1),
    ...(cookie !== undefined && { cookies: cookie.split('; ') }),
    headers: Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])),
    ...(url.search !== '' && { queryStringParameters: Object.fromEntries(url.searchParams) }),
    requestContext: {
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
      stage: stage || '$default',
      requestId: crypto.randomUUID(),
      time: new Date().toUTCString(),
      timeEpoch: Date.now(),
    },
    ...(body.length > 0 && { body: body.toString('base64') }),
    isBase64Encoded: body.length > 0,
  };
}

createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url ?? '/', 'http://localhost');
  const event = (payload === '1.0' ? restEvent : httpEvent)(request, url, Buffer.concat(chunks));
  const context = { awsRequestId: crypto.randomUUID(), getRemainingTimeInMillis: () => 29_000 };
  const { statusCode, headers, multiValueHeaders, body = '', isBase64Encoded } = await handler(event, context);
  // API Gateway frames the reply itself.
  const { 'content-length': _length, 'transfer-encoding': _coding, connection: _connection, ...others } = headers ?? {};
  response.writeHead(statusCode, { ...others, ...multiValueHeaders });
  response.end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
}).listen(process.env.PORT);
