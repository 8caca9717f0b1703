/** The ways in which an adapter may treat a request target that is not in its simplest form. */
export interface Traits {
  /**
   * The requests are Web `Request`s, so the URL parser of the runtime resolves dot segments and backslashes before any
   * router sees the path, and its result is the path that was asked for. Deno and Node leave some dot segments unchanged,
   * which are then refused or values. workerd resolves once without regard to backslashes, and then once more with it.
   */
  resolves?: 'always' | 'sometimes' | 'twice';
  /** Bytes beyond ASCII, to which HTTP gives no meaning, are read as UTF-8, well-formed or not. Node reads Latin-1. */
  readsUtf8?: boolean;
  /** The server itself answers 500 to a target that is not a path, and to some that are a whole URL. */
  takesOnlyPaths?: boolean;
  /**
   * Number of servers that are tested side by side.
   *
   * @default 16
   */
  lanes?: number;
  /**
   * Share of the usual number of requests.
   *
   * @default 1
   */
  share?: number;
}
