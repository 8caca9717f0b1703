/** The e-mail addresses in a text that was typed or pasted. */
export interface Addresses {
  /** Each address once. Two that differ only in case are the same. */
  valid: string[];
  invalid: string[];
}

/** Reads addresses separated by commas, semicolons, spaces or line breaks. Accepts `Ada Lindqvist <ada@example.com>` too. */
export function readAddresses(text: string): Addresses {
  const bracketed = text.replace(/[^,;\n<>]*<([^<>\s]+)>/gu, ' $1 ');
  const words = bracketed.split(/[\s,;]+/u).filter(Boolean);
  const seen = new Map(words.map((word) => [word.toLowerCase(), word]));
  const found = [...seen.values()];
  const isAddress = (word: string) => word.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@.]+$/u.test(word);
  return { valid: found.filter(isAddress), invalid: found.filter((word) => !isAddress(word)) };
}
