/** The options of the doctor, and its findings. */
import type { OperationName, WebhookEventType } from '@vortex/core';

/** The result of one check. */
export interface Finding {
  /** `unknown` if the check could not be made. */
  verdict: 'right' | 'wrong' | 'unknown';
  text: string;
  /** Says how to mend the fault, or how to make a check possible. */
  advice?: string | undefined;
}

export interface DoctorOptions {
  /** The URL that the routes are mounted at, without a trailing slash. */
  mount: string;
  /** The URL of the webhook. If undefined, webhooks are not checked. */
  webhook: string | undefined;
  /** The headers that sign a caller in. If empty, only signed-out checks are made. */
  credentials: Readonly<Record<string, string>>;
  apiKey: string;
  webhookSecret: string;
  /** The base URL of the emulator that the application should use, without a trailing slash. */
  emulator: string;
  /** `type:id` of a scope of the caller, for the operations on a scope. */
  scope: { scopeType: string; scope: string } | undefined;
  /** The name of that scope, for a rule for CREATE_INVITATION that compares it. */
  scopeName: string | undefined;
  /** The operations that the application denies on purpose. */
  denied: readonly OperationName[];
  /** The `metadata` of the invitation that the application is asked to make. */
  metadata: Readonly<Record<string, string>> | undefined;
  /** The e-mail address that the event of the webhook is about. If undefined, an address of no account. */
  invitee: string | undefined;
  /** A URL of the application that shows the effect of the event, such as a list of members. */
  watch: string | undefined;
  event: WebhookEventType;
  /** The text of the application's `package.json`, if there is one. */
  manifest: string | undefined;
}

/** The advice if the doctor sees no emulator. */
export const NEEDS_EMULATOR =
  'Start the emulator that the application uses (npx vortex-emulator), or give its URL: --emulator http://127.0.0.1:8787';

export const right = (text: string): Finding => ({ verdict: 'right', text });
export const wrong = (text: string, advice: string): Finding => ({ verdict: 'wrong', text, advice });
export const unknown = (text: string, advice: string): Finding => ({ verdict: 'unknown', text, advice });

/** The signed-in caller, as far as the application has shown who that is. */
export interface Caller {
  id: string | undefined;
  email: string | undefined;
  /** Whether a rule admits the caller to JWT. */
  hasToken: boolean;
}

export function describeCaller({ id, email }: Caller): string {
  return `user ${id}${email ? `, ${email}` : ' without an e-mail address'}`;
}
