/** What the server tells open pages, by Server-Sent Events. */
import { createContext, type ReactNode, use, useEffect, useEffectEvent, useRef, useState } from 'react';

export type LiveEvent =
  /** The connection is there, perhaps again: whatever has been said meanwhile was not heard. */
  | { about: 'everything' }
  | { about: 'team'; teamId: string; joined?: { userId: string; name: string } }
  | { about: 'invitation'; invitationId: string };

export type Connection = 'connecting' | 'live' | 'lost';

type Listener = (event: LiveEvent) => void;
const Live = createContext<{ connection: Connection; listeners: Set<Listener> }>({
  connection: 'connecting',
  listeners: new Set(),
});

const RETRY_MS = 1500;

/** @param onRefused the server does not know us any more, or does not answer as it should */
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
        // A broken connection is taken up again by the browser, a refused one is not.
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
  const hear = useEffectEvent(listener);
  useEffect(() => {
    const own = (event: LiveEvent) => hear(event);
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  }, [listeners]);
}
