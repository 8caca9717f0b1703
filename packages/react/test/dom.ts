/**
 * Installs a page of happy-dom as globals. Import it before React, which looks for `window` when it is imported. `fetch` and
 * the timers stay those of Node.
 */
import { Window } from 'happy-dom';

const page = new Window({ url: 'http://127.0.0.1/' });
const { document, navigator, HTMLElement, HTMLIFrameElement, Node } = page;
const globals = { window: page, document, navigator, HTMLElement, HTMLIFrameElement, Node };
for (const [name, value] of Object.entries(globals)) {
  // Newer versions of Node define some of these as read-only, so assignment would fail.
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** Watches the page's listeners for visibility and network changes that are added from now on. */
export function watchListeners() {
  const present: { name: string; listener: unknown }[] = [];
  const indexOf = (name: string, listener: unknown) =>
    present.findIndex((one) => one.name === name && one.listener === listener);
  const undo = [page, document].map((target) => {
    const { addEventListener, removeEventListener } = target;
    const nameOf = (type: string) => `${target === page ? 'window' : 'document'} ${type}`;
    Object.assign(target, {
      addEventListener(type: string, listener: () => void) {
        const isWatched = ['visibilitychange', 'online', 'offline'].includes(type);
        // A page takes the same listener once only.
        if (isWatched && indexOf(nameOf(type), listener) < 0) present.push({ name: nameOf(type), listener });
        addEventListener.call(target, type as 'click', listener);
      },
      removeEventListener(type: string, listener: () => void) {
        const index = indexOf(nameOf(type), listener);
        if (index >= 0) present.splice(index, 1);
        removeEventListener.call(target, type as 'click', listener);
      },
    });
    return () => Object.assign(target, { addEventListener, removeEventListener });
  });
  return {
    /** The names of the listeners that are present, such as `window online`, once for each. */
    names: () => present.map(({ name }) => name).sort(),
    restore: () => {
      for (const each of undo) each();
    },
  };
}
