import { start } from './start.js';

const { PORT, VORTEX_API_KEY, VORTEX_WEBHOOK_SECRET } = process.env;

const { url, emulator, close } = await start({
  port: PORT ? Number(PORT) : undefined,
  apiKey: VORTEX_API_KEY,
  webhookSecret: VORTEX_WEBHOOK_SECRET,
}).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});

console.log(`
  Open     ${url}
  Outbox   ${emulator ? `${emulator.url}/messages (e-mails are shown here, not sent)` : 'none: the real cloud sends the e-mails'}
  Stop     Ctrl+C
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close);
