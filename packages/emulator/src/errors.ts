import { STATUS_CODES } from 'node:http';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An unsuccessful response. The routes throw it, and the error handler of the app writes it as JSON. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  readonly details: string | string[];

  constructor(status: ContentfulStatusCode, details: string | string[]) {
    super(String(details));
    this.status = status;
    this.details = details;
  }
}

/** Builds the JSON body of an unsuccessful response. */
export function errorBody(status: number, message: string | string[]) {
  return { statusCode: status, message, error: STATUS_CODES[status] ?? 'Error' };
}

/**
 * Answers what has no route, in the words by which SDKs recognise a wrong path. The vendor's SDKs append `/api/v1` to a base URL
 * that ends in a slash.
 */
export function answerNotFound(c: Context): Response {
  const { method, path } = c.req;
  const step = path.startsWith('//') ? '. Set VORTEX_API_BASE_URL without a slash at its end.' : '';
  return c.json(errorBody(404, `Cannot ${method} ${path}${step}`), 404);
}

export function answerError(error: Error, c: Context): Response {
  if (error instanceof ApiError) return c.json(errorBody(error.status, error.details), error.status);
  // This is a bug in the emulator. Report it on the console and to the client.
  console.error(error);
  return c.json(errorBody(500, error.message), 500);
}
