/** E-mail addresses and phone numbers: their form, and when two of them are the same. The only file that knows. */
import { parseUrl } from './values.js';

/** The three words that the API uses for one type of target. */
export function isPhoneType(type: string): boolean {
  return type === 'phone' || type === 'phoneNumber' || type === 'sms';
}

/** True for text with one `@` between two parts without white space. The API decides the rest. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/u.test(text);
}

/** True for text with at least three digits and nothing but the usual separators between them. */
export function isPhone(text: string): boolean {
  return phoneDigits(text).length >= 3;
}

/** Compares e-mail addresses without regard to the case of ASCII letters and to the spelling of their domains. */
export function isSameEmail(a: string, b: string): boolean {
  const [nameOfA, domainOfA] = split(a);
  const [nameOfB, domainOfB] = split(b);
  return lowerCase(nameOfA) === lowerCase(nameOfB) && isSameDomain(domainOfA, domainOfB);
}

/** Tells whether an e-mail address has the domain. */
export function isInDomain(email: string, domain: string): boolean {
  return isSameDomain(split(email)[1], domain);
}

function split(email: string): [name: string, domain: string] {
  const at = email.lastIndexOf('@');
  return [email.slice(0, Math.max(at, 0)), email.slice(at + 1)];
}

/** Browsers turn the Unicode form of a domain into its `xn--` form in `<input type=email>`. */
function isSameDomain(a: string, b: string): boolean {
  return toAscii(a) === toAscii(b);
}

/** The `xn--` form of a domain in Unicode. Any other text stays as it is, but for the case of its letters. */
function toAscii(domain: string): string {
  const isUnicode = /\P{ASCII}/u.test(domain) && /^[^\s/?#@:\\%[\]]+$/u.test(domain);
  const hostname = isUnicode ? parseUrl(`http://${domain}`)?.hostname : undefined;
  return hostname?.includes('xn--') ? hostname : lowerCase(domain);
}

/** Compares phone numbers by their digits alone. */
export function isSamePhone(a: string, b: string): boolean {
  const digits = phoneDigits(a);
  return digits !== '' && digits === phoneDigits(b);
}

/** The digits of a phone number. Empty for other text: `user-15551234567` must not pass for a phone number. */
export function phoneDigits(text: string): string {
  return /^\+?[\d\s().-]+$/u.test(text) ? text.replace(/\D/gu, '') : '';
}

/** Folds ASCII letters only: `\u212A`, the Kelvin sign, would fold to a `k` that the address does not have. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
