/** The option `bodyTimeout` of both kinds of mounts. */
import { createRoutes, createWebhookEndpoint } from '@vortex/core/adapter';
import { describe, expect, test } from 'vitest';

const mounts = {
  'a mount of the routes': (bodyTimeout: unknown) =>
    createRoutes({
      apiKey: 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.secret',
      authenticateUser: () => null,
      authorizeOperation: {},
      bodyTimeout: bodyTimeout as number,
    }),
  'a mount of a webhook': (bodyTimeout: unknown) =>
    createWebhookEndpoint({ secret: 'whsec', onEvent: () => {}, bodyTimeout: bodyTimeout as number }),
};

describe.each(Object.entries(mounts))('%s', (kind, mount) => {
  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '10s'])(
    `${kind} refuses the bodyTimeout %s`,
    (bodyTimeout) => {
      expect(() => mount(bodyTimeout)).toThrow(
        expect.objectContaining({ code: 'CONFIG', message: expect.stringMatching(/^bodyTimeout /u) }),
      );
    },
  );

  test.each([1, 2 ** 31 - 1, undefined])(`${kind} takes the bodyTimeout %s`, (bodyTimeout) => {
    mount(bodyTimeout);
  });
});
