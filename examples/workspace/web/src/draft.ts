import { useState } from 'react';

/**
 * Holds a text that was typed and not yet sent. It survives a closed dialog and a new sign-in, in this tab only.
 *
 * @param key names the text and its user
 */
export function useDraft(key: string): [text: string, set: (text: string) => void] {
  const name = `draft ${key}`;
  const [text, setText] = useState(() => sessionStorage.getItem(name) ?? '');
  const set = (next: string) => {
    if (next) sessionStorage.setItem(name, next);
    else sessionStorage.removeItem(name);
    setText(next);
  };
  return [text, set];
}
