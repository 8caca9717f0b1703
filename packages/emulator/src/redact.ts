/** Removes keys and tokens from what the page and the terminal show: screens are shared and recorded. */

const SECRET_HEADERS = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
  'x-session-attestation',
]);

/**
 * A token, and the letters before it, such as `%20`. Begins at the start of a word and looks for its two dots first: a search from
 * each `eyJ` would read the same word again and again.
 */
const TOKEN = /(?<![\w-])(?=[\w-]+\.[\w-]+\.[\w-])([\w-]*?)eyJ[\w-]+\.[\w-]+\.[\w-]+/g;

/** A function that removes the given secrets, and all that has the form of an API key or of a token. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  return (text) => {
    let clean = text;
    for (const secret of secrets) clean = clean.replaceAll(secret, redactKey(secret));
    return clean.replace(/VRTX\.[\w-]+\.[\w.~+/=-]+/g, redactKey).replace(TOKEN, '$1[token removed]');
  };
}

/** Keeps the id of the key, which tells a wrong key from a right one and is no secret. */
function redactKey(key: string): string {
  const [, id] = /^VRTX\.([\w-]+)\./.exec(key) ?? [];
  return id ? `VRTX.${id}.[removed]` : '[removed]';
}

export function redactHeaders(headers: Headers, redact: (text: string) => string): Record<string, string> {
  const entries = Array.from(headers, ([name, value]) => {
    if (name === 'x-api-key') return [name, redactKey(value)];
    if (name === 'authorization') return [name, value.replace(/^(\w+ )?.*$/s, '$1[removed]')];
    return [name, SECRET_HEADERS.has(name) ? '[removed]' : redact(value)];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}
