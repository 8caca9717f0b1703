export interface Traits {
  /**
   * Its requests are `Request`s, and the URL parser of the runtime has resolved dot segments and backslashes before
   * anybody's router looks: what it made of the target is the path that was asked for. Deno and Node leave some as they
   * are, to be refused or to be values; workerd resolves once before it knows of backslashes, and once after.
   */
  resolves?: 'always' | 'sometimes' | 'twice';
  /** It takes bytes beyond ASCII, to which HTTP gives no meaning, for UTF-8, well-formed or not. Node: Latin-1. */
  readsUtf8?: boolean;
  /** It answers 500 by itself to a target that is no path and to some that are a whole URL. */
  takesOnlyPaths?: boolean;
  lanes?: number;
  /** Of the usual number of requests. */
  share?: number;
}
