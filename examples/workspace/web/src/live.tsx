/** Receives the server's events for open pages, by Server-Sent Events. */
import { createContext, type ReactNode, use, useEffect, useEffectEvent, useRef, useState } from 'react';

export type LiveEvent =
  /** The page connected or reconnected. Events may have been missed, so everything must be loaded again. */
  | { about: 'everything' }
  | { about: 'team'; teamId: string; joined?: { userId: string; name: string }; left?: string }
  | { about: 'invitation'; invitationId: string };

export type Connection = 'connecting' | 'live' | 'lost';

type Listener = (event: LiveEvent) => void;
const Live = createContext<{ connection: Connection; listeners: Set<Listener> }>({
  connection: 'connecting',
  listeners: new Set(),
});

const RETRY_MS = 1500;

/**
 * Keeps the event stream open and passes events on to `useLiveEvents`.
 *
 * @param onRefused called when the server refuses the stream, for instance because the session has ended
 */
export function LiveProvider({ onRefused, children }: { onRefused: () => void; children: ReactNode }) {
  const [connection, setConnection] = useState<Connection>('connecting');
  const listeners = useRef(new Set<Listener>()).current;
  const refused = useEffectEvent(onRefused);

  useEffect(() => {
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout>;
    const tell = (event: LiveEvent) => {
      for (const listener of listeners) listener(event);
    };
    const connect = () => {
      source = new EventSource('/api/events');
      source.onopen = () => {
        setConnection('live');
        tell({ about: 'everything' });
      };
      source.onmessage = ({ data }: MessageEvent<string>) => tell(JSON.parse(data));
      source.onerror = () => {
        setConnection('lost');
        // The browser reopens a stream that was interrupted, but not one that the server refused.
        if (source.readyState !== EventSource.CLOSED) return;
        refused();
        timer = setTimeout(connect, RETRY_MS);
      };
    };
    connect();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [listeners]);

  return <Live value={{ connection, listeners }}>{children}</Live>;
}

export function useConnection(): Connection {
  return use(Live).connection;
}

export function useLiveEvents(listener: Listener): void {
  const { listeners } = use(Live);
  const handle = useEffectEvent(listener);
  useEffect(() => {
    const own = (event: LiveEvent) => handle(event);
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  }, [listeners]);
}
