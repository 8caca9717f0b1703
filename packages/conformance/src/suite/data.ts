import { createHmac } from 'node:crypto';
import type { Sent } from '../http.js';

export const ann = {
  id: 'u-ann',
  email: "ann.o'neil@harbor.example",
  phone: '+1 (555) 010-2030',
  name: 'Ann Ø’Neil 🚀',
};

export const COMPONENT = 'd0f6e3f4-5a3f-4f0e-9b83-0d9d8f5d3a11';

export const newInvitation = (target: object = { type: 'email', value: ann.email }) => ({
  widgetConfigurationId: COMPONENT,
  target,
  scopes: [{ type: 'team', scopeId: 'mine', name: 'Mine' }],
});

/** Sends a value as JSON, with Ann signed in. */
export const json = (value: unknown): Sent => ({ user: ann, json: value });

/** Derives the key that signs tokens, without the code of core. */
export function signingKeyOf(apiKey: string) {
  const [, id = '', secret = ''] = apiKey.split('.');
  const hex = Buffer.from(id, 'base64url').toString('hex');
  const kid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
  return { kid, secret, signingKey: createHmac('sha256', secret).update(kid).digest() };
}
