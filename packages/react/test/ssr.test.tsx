/** Tests rendering on a server and hydration in a browser. Runs on React 19 and on React 18. */
import { useInvitations, useVortexJWT, VortexProvider } from '@vortex/react';
import { StrictMode, useEffect } from 'react';
import { renderToString } from 'react-dom/server';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Application, startApplication, zoe } from '../../browser/test/server.ts';

let application: Application;
beforeAll(async () => {
  application = await startApplication();
});
afterAll(() => application.close());

function Account() {
  const { user, isLoading, isExpiringSoon, refreshJwt } = useVortexJWT();
  const { loading } = useInvitations();
  useEffect(() => {
    void refreshJwt();
  }, [refreshJwt]);
  return (
    <p title={`${isLoading} ${isExpiringSoon()} ${Object.keys(loading)}`}>{user ? `Hello, ${user.name}` : 'Hello'}</p>
  );
}
const page = () => (
  <StrictMode>
    <VortexProvider config={{ apiBaseUrl: application.url, defaultGroups: [] }}>
      <Account />
    </VortexProvider>
  </StrictMode>
);

test('the server renders without window, timers or requests, and the browser hydrates without a warning', async () => {
  // Another file may have left a DOM in this worker.
  for (const name of ['window', 'document', 'navigator']) vi.stubGlobal(name, undefined);
  expect(globalThis.window).toBeUndefined();
  const logged = vi.spyOn(console, 'error');
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const markup = renderToString(page());
  expect(markup).toBe('<p title="false true ">Hello</p>');
  expect(timers).not.toHaveBeenCalled();
  expect(application.requests).toEqual([]);

  vi.unstubAllGlobals();
  await import('./dom.ts');
  const { hydrateRoot } = await import('react-dom/client');
  const element = document.createElement('main');
  element.innerHTML = markup;
  const paragraph = element.firstChild;
  const onRecoverableError = vi.fn();
  const root = hydrateRoot(element, page(), { onRecoverableError });
  await vi.waitUntil(() => element.textContent === `Hello, ${zoe.name}`, { timeout: 20_000 });
  expect(element.firstChild).toBe(paragraph);
  expect(onRecoverableError).not.toHaveBeenCalled();
  expect(logged).not.toHaveBeenCalled();
  root.unmount();
});
