/** Posts webhooks to the application, and retries failed ones. */

import { randomUUID } from 'node:crypto';
import { signWebhook } from '@vortex/core/testing';

import { ApiError } from './errors.js';
import { iso } from './invitation.js';
import type { Attempt, Delivery, EmulatorEvent } from './state.js';

const ATTEMPT_TIMEOUT_MS = 10_000;
/** Characters of an answer that are kept. */
const MAX_REPLY = 4096;

interface WebhookContext {
  /** The first URL to post to. */
  url: string | undefined;
  secret: string;
  /** Milliseconds to wait before each retry. */
  retryDelays: readonly number[];
  /** The list to record deliveries in. */
  deliveries: Delivery[];
  now: () => number;
  changed: (delivery: Delivery) => void;
  attempted: (delivery: Delivery, attempt: Attempt) => void;
}

interface Run {
  done: Promise<void>;
  /** Skips the wait before the next attempt. Undefined during an attempt. */
  hurry: (() => void) | undefined;
  /** The number of redeliveries that were asked for during an attempt. They follow it. */
  asked: number;
}

export class Webhooks {
  readonly #context: WebhookContext;
  readonly #runs = new Map<string, Run>();
  #stop = new AbortController();

  /** The URL to post to. If undefined, webhooks are neither sent nor recorded. */
  url: string | undefined;

  constructor(context: WebhookContext) {
    this.#context = context;
    this.url = context.url;
  }

  send(event: EmulatorEvent): void {
    if (this.url !== undefined) this.#send(event, this.url);
  }

  #send(event: EmulatorEvent, url: string): void {
    const { deliveries } = this.#context;
    const body = JSON.stringify(event);
    const delivery: Delivery = { id: randomUUID(), event, body, url, status: 'pending', attempts: [] };
    deliveries.push(delivery);
    this.#start(delivery);
  }

  /**
   * Sends a delivery again, to the current webhook URL. If the delivery waits for a retry, sends it now. If an attempt is in
   * flight, sends it after that one. With `newId`, the event goes out as a further delivery under a new id.
   *
   * @throws {ApiError} 404 if the delivery does not exist
   */
  redeliver(id: string, { newId = false }: { newId?: boolean | undefined } = {}): void {
    const delivery = this.#context.deliveries.find((each) => each.id === id);
    if (!delivery) throw new ApiError(404, `Webhook delivery ${id} does not exist`);
    const run = this.#runs.get(id);
    if (newId) {
      this.#send({ ...delivery.event, id: randomUUID() }, this.url ?? delivery.url);
    } else if (run && !run.hurry) {
      run.asked += 1;
    } else {
      this.#readdress(delivery);
      if (run) run.hurry?.();
      else this.#start(delivery);
    }
  }

  #readdress(delivery: Delivery): void {
    delivery.status = 'pending';
    delivery.url = this.url ?? delivery.url;
  }

  /** Resolves when no delivery is being sent or waiting for a retry. */
  async settled(): Promise<void> {
    while (this.#runs.size > 0) await Promise.all(Array.from(this.#runs.values(), (run) => run.done));
  }

  /** Gives up all pending deliveries. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    for (const run of this.#runs.values()) run.hurry?.();
    await this.settled();
  }

  #start(delivery: Delivery): void {
    const run: Run = { done: Promise.resolve(), hurry: undefined, asked: 0 };
    this.#runs.set(delivery.id, run);
    this.#context.changed(delivery);
    run.done = this.#deliver(delivery, run, this.#stop.signal);
  }

  async #deliver(delivery: Delivery, run: Run, stop: AbortSignal): Promise<void> {
    try {
      await this.#try(delivery, run, stop);
      while (run.asked > 0 && !stop.aborted) {
        run.asked -= 1;
        this.#readdress(delivery);
        await this.#try(delivery, run, stop);
      }
    } finally {
      if (delivery.status === 'pending') delivery.status = 'failed';
      this.#runs.delete(delivery.id);
      this.#context.changed(delivery);
    }
  }

  /** Attempts to deliver until an attempt is successful, no retry is left, or a redelivery is asked for. */
  async #try(delivery: Delivery, run: Run, stop: AbortSignal): Promise<void> {
    const delays = [0, ...this.#context.retryDelays];
    for (const [index, delay] of delays.entries()) {
      if (delay > 0) await wait(delay, run);
      if (stop.aborted) return;
      const attempt = await this.#attempt(delivery, stop);
      delivery.attempts.push(attempt);
      const isDelivered = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
      const isLast = index === delays.length - 1 || stop.aborted;
      const isAsked = run.asked > 0 && !stop.aborted;
      if (!isAsked) delivery.status = isDelivered ? 'delivered' : isLast ? 'failed' : 'pending';
      this.#context.changed(delivery);
      // After a stop, there is nothing to do about it: the emulator ends, or a reset has dropped the delivery.
      if (!stop.aborted) this.#context.attempted(delivery, attempt);
      if (isAsked || delivery.status !== 'pending') return;
    }
  }

  async #attempt({ url, body }: Delivery, stop: AbortSignal): Promise<Attempt> {
    const at = iso(this.#context.now());
    const headers = {
      'content-type': 'application/json',
      'x-vortex-signature': await signWebhook(body, this.#context.secret),
    };
    const start = performance.now();
    const duration = () => Math.round((performance.now() - start) * 10) / 10;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.any([stop, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]),
      });
      const attempt = { at, url, status: response.status, error: null, duration: duration(), headers };
      return { ...attempt, reply: await beginning(response) };
    } catch (error) {
      const failure = stop.aborted ? 'the emulator stopped' : reason(error);
      return { at, url, status: null, error: failure, duration: duration(), headers };
    }
  }
}

/** Reads as much of an answer as is kept. An answer that breaks off keeps its status. */
async function beginning(response: Response): Promise<string> {
  let text = '';
  try {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= MAX_REPLY) break;
    }
  } catch {
    // The part that has come says enough.
  }
  return text.slice(0, MAX_REPLY);
}

/** Waits until the time has passed or the run is hurried. */
function wait(ms: number, run: Run): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      run.hurry = undefined;
      resolve();
    };
    const timer = setTimeout(end, ms);
    run.hurry = end;
  });
}

/** Returns the reason of a failed attempt. `fetch` puts it into the `cause` of its error. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${ATTEMPT_TIMEOUT_MS / 1000} seconds`;
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}
