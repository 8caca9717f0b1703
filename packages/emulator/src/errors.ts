import { STATUS_CODES } from 'node:http';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An answer other than success. Thrown anywhere below the routes, written as JSON in one place. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  readonly details: string | string[];

  constructor(status: ContentfulStatusCode, details: string | string[]) {
    super(String(details));
    this.status = status;
    this.details = details;
  }
}

/** The body of every unsuccessful answer. */
export function errorBody(status: number, message: string | string[]) {
  return { statusCode: status, message, error: STATUS_CODES[status] ?? 'Error' };
}
