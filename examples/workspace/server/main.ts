import { readSettings } from './settings.js';
import { start } from './start.js';

try {
  const settings = readSettings(process.env, process.argv.slice(2));
  const { url, emulator, close } = await start(settings);
  console.log(`
  Open     ${url}
  Outbox   ${url}/outbox (${emulator ? 'shows all email; nothing is sent' : 'shows sign-in links; Vortex sends the invitations'})
  Server   ${settings.server}, ${settings.database ? 'PostgreSQL' : 'PGlite'}, ${emulator ? `Vortex emulator at ${emulator.url}` : 'the Vortex cloud'}
  Stop     Ctrl+C
`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
