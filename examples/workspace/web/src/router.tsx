/** A small router: the current path, and links that change it without a page load. */
import { type ComponentProps, useEffect, useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
  addEventListener('popstate', listener);
  return () => removeEventListener('popstate', listener);
}

/** Returns the current URL, and renders again when it changes. */
export function useLocation(): URL {
  const href = useSyncExternalStore(subscribe, () => location.href);
  return new URL(href);
}

interface NavigateOptions {
  /**
   * Replaces the current history entry and keeps the scroll position.
   * @default false
   */
  replace?: boolean;
}

/** Opens a path without a page load. */
export function navigate(to: string, { replace = false }: NavigateOptions = {}): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  if (!replace) scrollTo(0, 0);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Decodes a part of a path. Returns undefined if it is malformed. */
export function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/**
 * Returns an untrusted path unchanged if it stays on this site, and `/` otherwise. A path that begins with `//` or `/\` names
 * another site, and browsers drop tabs and line breaks before they look. The server has the same rule for its sign-in links.
 */
export function ownPath(text: string | null): string {
  return text !== null && /^\/(?![/\\])\P{Cc}*$/u.test(text) ? text : '/';
}

export function Link({ href, onClick, ...rest }: ComponentProps<'a'> & { href: string }) {
  return (
    <a
      href={href}
      onClick={(event) => {
        onClick?.(event);
        const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
        if (!isPlain || event.defaultPrevented) return;
        event.preventDefault();
        navigate(href);
      }}
      {...rest}
    />
  );
}

export function Redirect({ to }: { to: string }) {
  useEffect(() => navigate(to, { replace: true }), [to]);
  return null;
}
