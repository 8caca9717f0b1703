/** What somebody has typed or pasted where several addresses are wanted. */
export interface Addresses {
  /** Each once, without regard to case. */
  valid: string[];
  invalid: string[];
}

/** Separated by commas, semicolons, spaces or lines; of `Ada Lindqvist <ada@example.com>` the part in brackets counts. */
export function readAddresses(text: string): Addresses {
  const bracketed = text.replace(/[^,;\n<>]*<([^<>\s]+)>/gu, ' $1 ');
  const words = bracketed.split(/[\s,;]+/u).filter(Boolean);
  const seen = new Map(words.map((word) => [word.toLowerCase(), word]));
  const found = [...seen.values()];
  const isAddress = (word: string) => word.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@.]+$/u.test(word);
  return { valid: found.filter(isAddress), invalid: found.filter((word) => !isAddress(word)) };
}
