import { start } from './start.js';

const { PORT = '3000', VORTEX_API_KEY } = process.env;

const { url, emulator, close } = await start({ port: Number(PORT), apiKey: VORTEX_API_KEY });

console.log(`
  Open     ${url}
  Outbox   ${emulator ? `${emulator.url} (mail ends here, nothing is sent)` : 'none: this is the real cloud, mail is sent'}
  Stop     Ctrl+C
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close);
