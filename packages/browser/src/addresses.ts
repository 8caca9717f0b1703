/** The e-mail addresses in a text that was typed or pasted. */
export interface ParsedAddresses {
  /** Each address once. Two that differ only in case are the same; the later spelling stays. */
  valid: string[];
  /** The other words, each once. */
  invalid: string[];
}

/**
 * Reads addresses that are separated by commas, semicolons, spaces or line breaks. Accepts `Ada Lindqvist <ada@example.com>`
 * too. Finds typing errors only: the server decides what it accepts.
 */
export function parseAddresses(text: string): ParsedAddresses {
  // The pattern matches anywhere, so that each character is read once: a search for `<` would begin anew at each character.
  const bracketed = text.replace(/[^,;\n<>]*(?:<([^<>\s]+)>)?/gu, (part, inner?: string) =>
    inner ? ` ${inner} ` : part,
  );
  const words = bracketed.split(/[\s,;]+/u).filter(Boolean);
  const found = Array.from(new Map(words.map((word) => [word.toLowerCase(), word])).values());
  const isAddress = (word: string) => word.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@.]+$/u.test(word);
  return { valid: found.filter(isAddress), invalid: found.filter((word) => !isAddress(word)) };
}
