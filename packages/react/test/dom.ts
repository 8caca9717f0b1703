/** A page, which must be imported before React; requests go through Node's own fetch, timers are Node's too. */
import { Window } from 'happy-dom';

const page = new Window({ url: 'http://127.0.0.1/' });
const { document, navigator, HTMLElement, HTMLIFrameElement, Node } = page;
const globals = { window: page, document, navigator, HTMLElement, HTMLIFrameElement, Node };
for (const [name, value] of Object.entries(globals)) {
  // Some of them, newer versions of Node have already, and only to read.
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** How many listeners the page has that were added since. */
export function countListeners() {
  const listeners = new Set<string>();
  const restore = [page, document].map((target) => {
    const name = target === page ? 'window' : 'document';
    const { addEventListener, removeEventListener } = target;
    Object.assign(target, {
      addEventListener(type: string, listener: () => void) {
        if (['visibilitychange', 'online', 'offline'].includes(type)) listeners.add(`${name} ${type}`);
        addEventListener.call(target, type as 'click', listener);
      },
      removeEventListener(type: string, listener: () => void) {
        listeners.delete(`${name} ${type}`);
        removeEventListener.call(target, type as 'click', listener);
      },
    });
    return () => Object.assign(target, { addEventListener, removeEventListener });
  });
  const restoreAll = () => {
    for (const undo of restore) undo();
  };
  return { listeners, restore: restoreAll };
}
