'use client';

/** Parts without markup: their values and functions, for markup of your own. */
import { type Invitation, invitationState, parseAddresses, type VortexRequestError } from '@vortex/browser';
import { useCallback, useInsertionEffect, useMemo, useRef, useState } from 'react';
import { type InviteRequest, type InviteResult, useInvitation, useInvite } from './hooks.js';

export interface InviteForm {
  /** The text of the field. */
  text: string;
  setText: (text: string) => void;
  /** The addresses in the text. */
  addresses: string[];
  /** The words in the text that are no addresses. */
  invalid: string[];
  /** `editing` until `submit` is called, then `sending`, then `done`. `setText` returns to `editing`. */
  status: 'editing' | 'sending' | 'done';
  /** True if the text has at least one address, no invalid word, and nothing is being sent. */
  canSubmit: boolean;
  /** A result for each address of the last submission. */
  results: readonly InviteResult[];
  /** The results whose invitation was refused. */
  failed: Extract<InviteResult, { status: 'failed' }>[];
  /** How many of the addresses have been sent or refused. */
  done: number;
  /**
   * Invites all addresses. The text then has those that failed, to be tried again, and what was typed meanwhile. Never rejects.
   */
  submit: () => Promise<void>;
  /** Empties the form. A submission under way is sent to its end, but no longer changes the form. */
  reset: () => void;
}

/**
 * The state of a form that invites people. `request` is everything but the addresses. The text is kept until it is sent, so that it
 * survives a dialog that is closed by accident: call the hook above the dialog.
 */
export function useInviteForm(request: Omit<InviteRequest, 'to'>): InviteForm {
  const { invite, results, isPending, done, reset: forget } = useInvite();
  const [text, setField] = useState('');
  const { valid: addresses, invalid } = useMemo(() => parseAddresses(text), [text]);
  // The request is often a new object on each render, which must not make `submit` a new function.
  const latest = useRef(request);
  // Set before the page is drawn: after an ordinary effect, `submit` could still send the request of the render before.
  useInsertionEffect(() => {
    latest.current = request;
  });
  const submission = useRef<object>(undefined);
  const canSubmit = addresses.length > 0 && invalid.length === 0 && !isPending;
  const setText = useCallback(
    (next: string) => {
      setField(next);
      if (!isPending) forget();
    },
    [isPending, forget],
  );
  const submit = useCallback(async () => {
    if (!canSubmit) return;
    const current = {};
    submission.current = current;
    const settled = await invite({ ...latest.current, to: addresses });
    if (submission.current !== current) return;
    const failed = settled.filter(({ status }) => status === 'failed').map(({ address }) => address);
    setField((present) => [...failed, ...typedSince(present, text, addresses)].join('\n'));
  }, [canSubmit, invite, text, addresses]);
  const reset = useCallback(() => {
    submission.current = undefined;
    setField('');
    forget();
  }, [forget]);
  const status = isPending ? 'sending' : results.length > 0 ? 'done' : 'editing';
  const failed = useMemo(() => results.filter((one) => one.status === 'failed'), [results]);
  return useMemo(
    () => ({ text, setText, addresses, invalid, status, canSubmit, results, failed, done, submit, reset }),
    [text, setText, addresses, invalid, status, canSubmit, results, failed, done, submit, reset],
  );
}

/** The lines of the text without the submitted text, or without its addresses if that was edited. */
function typedSince(text: string, submitted: string, addresses: string[]): string[] {
  if (text === submitted) return [];
  const added = text.slice(submitted.length);
  const isNewWord = /[\s,;]$/u.test(submitted) || /^[\s,;]/u.test(added);
  // As it stands, since the next character continues it.
  if (text.startsWith(submitted) && isNewWord) return [added.replace(/^[\s,;]+/u, '')];
  const before = new Set(addresses.map((address) => address.toLowerCase()));
  const { valid, invalid } = parseAddresses(text);
  // On one line, since the words of an unfinished `Ada Lindqvist <ada@` belong together.
  const lines = [...valid.filter((address) => !before.has(address.toLowerCase())), invalid.join(' ')].filter(Boolean);
  // The next character typed must not continue an address that was finished with a comma or a space.
  return lines.length > 0 && /[\s,;]$/u.test(text) ? [...lines, ''] : lines;
}

/**
 * The state of the page behind the link of an invitation. `closed` has a reason: the invitation was accepted, revoked or has expired,
 * there is none with this id (`not-found`), or it is for another person (`not-yours`).
 */
export type InvitationLink =
  | { status: 'loading' }
  | { status: 'open'; invitation: Invitation }
  | { status: 'signed-out' }
  | { status: 'closed'; reason: 'accepted' | 'revoked' | 'expired'; invitation: Invitation }
  | { status: 'closed'; reason: 'not-found' | 'not-yours'; invitation?: undefined }
  | { status: 'failed'; error: VortexRequestError; retry: () => void };

/**
 * The only value of the request is the id, so a refusal of the request is a refusal of the id: it is empty, say, or too long, which Fastify
 * answers with 414 and a code of its own. Any other 400 or 404 comes from a proxy or from a wrong mount.
 */
function isNotFound({ code, status }: VortexRequestError): boolean {
  return status === 414 || ['NOT_FOUND', 'INVALID_REQUEST', 'UPSTREAM_INVALID'].includes(code);
}

/** Loads the invitation of a link and says whether it is open, or why not. */
export function useInvitationLink(id: string): InvitationLink {
  const { data: invitation, error, refetch } = useInvitation(id);
  return useMemo(() => {
    if (error?.code === 'UNAUTHENTICATED') return { status: 'signed-out' };
    if (error && isNotFound(error)) return { status: 'closed', reason: 'not-found' };
    if (error?.code === 'FORBIDDEN') return { status: 'closed', reason: 'not-yours' };
    if (invitation) {
      const state = invitationState(invitation);
      return state === 'open' ? { status: 'open', invitation } : { status: 'closed', reason: state, invitation };
    }
    return error ? { status: 'failed', error, retry: () => void refetch() } : { status: 'loading' };
  }, [invitation, error, refetch]);
}
