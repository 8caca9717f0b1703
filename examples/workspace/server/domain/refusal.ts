/** An error for the caller: a sentence to show to the user, and a code for the page. */
export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, sentence: string) {
    super(sentence);
    this.code = code;
  }
}

export type RefusalCode =
  | 'INVALID_REQUEST'
  | 'UNAUTHENTICATED'
  | 'LINK_EXPIRED'
  | 'NOT_A_MEMBER'
  | 'NOT_AN_ADMIN'
  | 'LAST_ADMIN'
  | 'CROSS_SITE_REQUEST'
  | 'NOT_FOUND';
