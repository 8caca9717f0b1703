import { STATUS_CODES } from 'node:http';
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
