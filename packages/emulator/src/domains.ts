/** Decides which domains may be used for autojoin. */
const WEBMAIL = new Set([
  'aol.com',
  'fastmail.com',
  'gmail.com',
  'gmx.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hotmail.com',
  'icloud.com',
  'live.com',
  'mail.com',
  'me.com',
  'msn.com',
  'outlook.com',
  'pm.me',
  'proton.me',
  'protonmail.com',
  'qq.com',
  'web.de',
  'yahoo.com',
  'yandex.com',
  'yandex.ru',
  'zoho.com',
]);

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)+(?!\\d+$)${LABEL}$`);

/** Returns the domains in lower case, in the given order, without duplicates. */
export function normalizeDomains(domains: readonly string[]): string[] {
  return [...new Set(domains.map((domain) => domain.toLowerCase()))];
}

/** Returns the reason why a lower-case domain cannot be used, or `null` if it can. */
export function domainProblem(domain: string): string | null {
  if (!DOMAIN.test(domain)) return `"${domain}" is not a domain name`;
  if (WEBMAIL.has(domain)) return `"${domain}" is a public mail provider and would let any of its users join`;
  return null;
}
