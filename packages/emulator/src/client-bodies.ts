/** Defines the request bodies of the client API. `null` counts as absent for an optional member. */
import { z } from 'zod';
import type { TargetRecord } from './state.js';
import { canonicalType, targetRecord } from './target.js';

const text = z.string().min(1);
const json = z.record(z.string(), z.unknown());

const group = z
  .object({
    type: z.string().nullish(),
    id: z.string().nullish(),
    groupId: z.string().nullish(),
    name: z.string().nullish(),
  })
  .refine((given) => given.groupId || given.id, { message: 'is required', path: ['groupId'] })
  .transform((given) => {
    const scopeId = given.groupId || given.id || '';
    return { type: given.type || 'default', scopeId, name: given.name || scopeId };
  });

const address = z.union([text, z.object({ value: text, name: z.string().nullish(), avatarUrl: z.string().nullish() })]);

const field = z.object({
  type: text,
  value: z.unknown(),
  role: z.string().nullish(),
  email: z.string().nullish(),
});

const common = {
  widgetConfigurationId: text,
  group: group.nullish(),
  groups: z.array(group).nullish(),
  templateVariables: z.record(z.string(), z.unknown()).nullish(),
  metadata: json.nullish(),
  source: z.string().nullish(),
  subtype: z.string().nullish(),
};

export const inviteBody = z.object({
  ...common,
  payload: z.record(z.string(), field).nullish(),
  targets: z.array(z.object({ targetType: text, targetValue: text, targetName: z.string().nullish() })).nullish(),
  /** The older name of the data in `payload`. */
  configurationAttributes: json.nullish(),
  passThrough: z.string().nullish(),
});

export const shareBody = z.object(common);

export const acceptOwnBody = z.object({ invitationId: text, isExisting: z.boolean().nullish() });

export type InviteBody = z.infer<typeof inviteBody>;

/** The types of fields that hold addresses. Others are answers to a form. */
const ADDRESS_TYPES = new Set(['email', 'phone', 'internal']);

/**
 * Returns the targets of each invitation to make. A field with a list makes one invitation for each of its addresses. The
 * `email` of an internal field is a second target of the same invitation.
 */
export function targetLists({ payload, targets }: InviteBody): { targets: TargetRecord[]; problem?: string }[] {
  const lists: { targets: TargetRecord[]; problem?: string }[] = [];
  const add = (found: TargetRecord[], where: string) => {
    const [first] = found;
    const isKnown = lists.some(({ targets: [known] }) => known?.type === first?.type && known?.value === first?.value);
    if (isKnown) return;
    const problem = found.map(problemOf).find((each) => each !== undefined);
    lists.push({ targets: found, ...(problem && { problem: `${where}: ${problem}` }) });
  };
  for (const [name, { type, value, email }] of Object.entries(payload ?? {})) {
    const canonical = canonicalType(type);
    if (!ADDRESS_TYPES.has(canonical)) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      const read = address.safeParse(each);
      if (!read.success) {
        lists.push({ targets: [], problem: `payload.${name}.value: must be text, or an object with value` });
        continue;
      }
      const given = typeof read.data === 'string' ? { value: read.data } : read.data;
      const target = targetRecord(
        canonical,
        given.value,
        'name' in given ? given.name : null,
        'avatarUrl' in given ? given.avatarUrl : null,
      );
      const second = email && canonical !== 'email' ? [targetRecord('email', email, target.name)] : [];
      add([target, ...second], `payload.${name}.value`);
    }
  }
  for (const { targetType, targetValue, targetName } of targets ?? []) {
    add([targetRecord(canonicalType(targetType), targetValue, targetName)], 'targets');
  }
  return lists;
}

function problemOf({ type, value }: TargetRecord): string | undefined {
  if (type === 'email' && !/^[^\s@]+@[^\s@]+$/.test(value)) return 'must be an e-mail address';
  if (type === 'phone' && !/\d/.test(value)) return 'must be a phone number';
  return ADDRESS_TYPES.has(type) ? undefined : 'must be email, phone or internal';
}
