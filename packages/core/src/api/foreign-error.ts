/** Errors of other code, without what they may hold: undici keeps the bytes of a reply, which may echo our API key. */

const MAX_DEPTH = 3;
const MAX_LENGTH = 200;

/** A copy of an error of other code. */
export class ForeignError extends Error {
  override readonly name: string;
  declare readonly code?: string | number;

  constructor(message: string, name: string, code: string | number | undefined, cause: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = name;
    if (code !== undefined) this.code = code;
  }
}

/**
 * Copies `name`, `code`, `message` and `cause` of an error, as short printable text.
 *
 * @param secrets texts that the copy must not hold
 * @param depth number of errors that are copied, each the cause of the one before
 */
export function copyError(error: unknown, secrets: readonly string[], depth = MAX_DEPTH): ForeignError {
  const quote = (text: unknown) =>
    secrets
      .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), String(text))
      // First, since the pattern below takes quadratic time.
      .slice(0, 10 * MAX_LENGTH)
      // Some runtimes quote the URL of the call, whose query may hold an address.
      .replace(/(https?:\/\/[^\s?#]*)[?#][^\s)"']*/giu, '$1')
      .slice(0, MAX_LENGTH)
      .replace(/\p{C}/gu, '?');
  const { name, code, message, cause } = Object(error) as Record<string, unknown>;
  return new ForeignError(
    quote(message ?? error),
    quote(name ?? 'Error'),
    code === undefined || typeof code === 'number' ? code : quote(code),
    cause === undefined || depth === 1 ? undefined : copyError(cause, secrets, depth - 1),
  );
}
