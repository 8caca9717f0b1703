/** Installs a page of happy-dom as globals. Import it before React. `fetch` and the timers stay those of Node. */
import { Window } from 'happy-dom';

const page = new Window({ url: 'http://127.0.0.1/' });
const { document, navigator, HTMLElement, HTMLIFrameElement, Node } = page;
const globals = { window: page, document, navigator, HTMLElement, HTMLIFrameElement, Node };
for (const [name, value] of Object.entries(globals)) {
  // Newer versions of Node define some of these as read-only, so assignment would fail.
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** Records the page's listeners for visibility and network changes that are added from now on. */
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
