/** Sends short texts from one server to all servers on the same PostgreSQL, by LISTEN and NOTIFY. */

export interface Channel {
  /** Sends a text of at most 7,999 bytes to all servers, this one included. */
  send(text: string): Promise<unknown>;
  /**
   * Sets who receives the texts.
   *
   * @param missed called after a connection was lost: texts may have been missed
   */
  listen(receive: (text: string) => void, missed: () => void): void;
  close(): Promise<void>;
}

const NAME = 'roster_live';
const RETRY_MS = 1000;
/**
 * Milliseconds between two checks. Without traffic, a NAT or a load balancer drops the connection, and neither end notices: the default
 * of TCP keep-alive on Linux is two hours.
 */
const CHECK_MS = 30_000;
/** Milliseconds to wait for a connection, and for each answer. */
const TIMEOUT = 10_000;

/** Opens a channel with a connection of its own, which it opens again if it is lost or no longer answers. */
export async function openChannel(
  connectionString: string,
  query: (text: string, values: string[]) => Promise<unknown>,
): Promise<Channel> {
  const { default: pg } = await import('pg');
  let receive = (_text: string) => {};
  let missed = () => {};
  let isClosed = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let end = async () => {};

  const connect = async () => {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: TIMEOUT, query_timeout: TIMEOUT });
    end = () => client.end();
    client.on('notification', ({ payload = '' }) => receive(payload));
    client.on('error', (error) => console.warn(`The connection for live events was closed: ${error.message}`));
    try {
      await client.connect();
      await client.query(`listen ${NAME}`);
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    const check = setInterval(async () => {
      try {
        await client.query('select 1');
      } catch (error) {
        console.warn(`The connection for live events does not answer: ${(error as Error).message}`);
        client.end().catch(() => {});
      }
    }, CHECK_MS);
    // Only now, since a connection that fails to open emits `end` as well.
    client.once('end', () => {
      clearInterval(check);
      reconnectLater();
    });
  };
  const reconnectLater = () => {
    if (!isClosed) retry = setTimeout(() => connect().then(() => missed(), reconnectLater), RETRY_MS);
  };
  await connect();

  return {
    send: (text) => query('select pg_notify($1, $2)', [NAME, text]),
    listen: (onText, onMissed) => {
      receive = onText;
      missed = onMissed;
    },
    close: async () => {
      isClosed = true;
      clearTimeout(retry);
      await end().catch(() => {});
    },
  };
}
