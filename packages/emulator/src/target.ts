/** Decides whether two addresses are the same. */
import type { TargetRecord } from './state.js';

const PHONE_ALIASES = new Set(['phone', 'phoneNumber', 'sms']);

/** Returns the current name of a target type. The API has had three names for a phone number. */
export function canonicalType(type: string): string {
  return PHONE_ALIASES.has(type) ? 'phone' : type;
}

export function targetRecord(
  type: string,
  value: string,
  name?: string | null | undefined,
  avatarUrl?: string | null | undefined,
): TargetRecord {
  return { type, value, name: name ?? null, avatarUrl: avatarUrl ?? null };
}

export function sameTarget(target: TargetRecord, type: string, value: string): boolean {
  const canonical = canonicalType(type);
  return target.type === canonical && comparable(canonical, target.value) === comparable(canonical, value);
}

export function emailDomain(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

function comparable(type: string, value: string): string {
  if (type === 'email') return value.toLowerCase();
  if (type === 'phone') return value.replace(/\D/g, '');
  return value;
}
