/** Tests what the application waits for when it closes, on the three HTTP layers. */
import { once } from 'node:events';
import { request } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { webhookEvent, webhookRequest } from '@vortex/core/testing';
import { expect, it } from 'vitest';
import type { Database } from '../server/domain/database.js';
import { servers } from '../server/settings.js';
import { openEmptyMemory, startApp } from './app.js';

it.each(servers)(
  'on %s, a webhook handler whose caller has disconnected ends before the database is closed',
  async (server) => {
    const order: string[] = [];
    const gate = new EventTarget();
    let isHeld = false;
    const open = async () => {
      const opened = await openEmptyMemory();
      const transaction: Database['transaction'] = async (work) => {
        const result = await opened.db.transaction(work);
        if (!isHeld) return result;
        const closing = once(gate, 'closing');
        gate.dispatchEvent(new Event('handling'));
        await closing;
        // Once its server has ended, only promises remain before the application would close the database.
        while (process.getActiveResourcesInfo().some((name) => name.startsWith('TCP'))) await setImmediate();
        for (let turns = 0; turns < 100; turns += 1) await setImmediate();
        order.push('handled');
        return result;
      };
      const db: Database = Object.create(opened.db, { transaction: { value: transaction } });
      return { ...opened, db, close: async () => void order.push('closed') };
    };
    const app = await startApp({ server, open, webhookSecret: 'whsec', apiKey: 'VRTX.AAAAAAAAQACAAAAAAAAAAQ.s' });
    isHeld = true;
    const { body, headers } = await webhookRequest(webhookEvent('invitation.created'), 'whsec');
    const handling = once(gate, 'handling');
    const sent = request(`${app.url}/webhooks/vortex`, { method: 'POST', headers });
    sent.on('error', () => {}).end(body);
    await handling;
    sent.destroy();
    const closed = app.close();
    gate.dispatchEvent(new Event('closing'));
    await closed;
    expect(order).toEqual(['handled', 'closed']);
  },
);
