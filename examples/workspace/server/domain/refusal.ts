/** Why somebody does not get what they asked for, in a sentence for them and a code for the page. */
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
  | 'CROSS_SITE_REQUEST'
  | 'NOT_FOUND';
