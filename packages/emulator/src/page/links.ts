/** Finds what belongs to an invitation, so that each tab leads to the others. */
import { html } from 'hono/html';
import type { Html } from '../layout.js';
import type { InvitationRecord, State, TargetRecord } from '../state.js';

export function recipientOf({ target, autojoinDomains, groups }: InvitationRecord): string {
  const [first] = target;
  if (first?.type === 'share') return `Link to share${groups[0] ? ` for ${groups[0].name}` : ''}`;
  if (first) return first.name ?? first.value;
  return autojoinDomains.map(({ domain }) => `@${domain}`).join(', ') || 'No domain';
}

/** Says what is known of the target beside its name. */
export function addressOf({ target }: InvitationRecord): string {
  const texts = target.map((each, index) =>
    index === 0 && each.name === null && each.type !== 'share' ? each.type : targetText(each),
  );
  return texts.join('; ') || 'autojoin';
}

/** The value of a share target is the inviter. */
export function targetText({ type, value }: TargetRecord): string {
  return type === 'share' ? 'everyone who has the link' : `${value}, ${type}`;
}

/** Links to an invitation. Its id alone if the emulator no longer has it. */
export function invitationLink({ invitations }: State, id: string): Html | string {
  const record = invitations.get(id);
  return record ? html`<a href="/invitations/${id}">${recipientOf(record)}</a>` : id;
}

/** Links to the invitations whose ids are in the text. */
export function invitationLinks(state: State, text: string): Html | null {
  const ids = new Set(text.match(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g));
  const known = [...ids].filter((id) => state.invitations.has(id)).slice(0, 20);
  if (known.length === 0) return null;
  return html`${known.map((id) => html`<div>${invitationLink(state, id)}</div>`)}`;
}
