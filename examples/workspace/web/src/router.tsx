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

/** Returns the path of a URL from an untrusted query, or `/` if the URL has another origin. */
export function ownPath(text: string | null): string {
  const url = text && URL.canParse(text, location.origin) ? new URL(text, location.origin) : undefined;
  return url?.origin === location.origin ? url.pathname + url.search : '/';
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
