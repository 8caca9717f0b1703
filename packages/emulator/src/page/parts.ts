/** The parts that the tabs share. */
import { html } from 'hono/html';
import type { Html } from '../layout.js';

export type Mood = 'good' | 'bad' | 'wait';

export function badge(mood: Mood, text: string): Html {
  return html`<span class="badge ${mood}">${text}</span>`;
}

/** Renders an instant in the time zone of this machine, which is also the reader's. */
export function time(instant: number | string): Html {
  const date = new Date(instant);
  const isToday = date.toDateString() === new Date().toDateString();
  // The Swedish locale writes dates in the ISO format.
  const text = isToday ? date.toLocaleTimeString('sv-SE') : date.toLocaleString('sv-SE');
  return html`<time datetime="${date.toISOString()}">${text}</time>`;
}

export function milliseconds(duration: number | undefined): string {
  return duration === undefined ? '' : `${duration < 10 ? duration : Math.round(duration)} ms`;
}

/** Renders rows of a name and a value. Rows without a value are left out. */
export function facts(
  rows: readonly (readonly [name: string, value: Html | string | number | null | undefined])[],
): Html {
  const given = rows.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return html`<dl>${given.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Renders text that may be long. It can be scrolled by the keyboard. */
export function block(label: string, text: string, note = ''): Html {
  if (text === '') return html``;
  return html`<h3>${label} ${note && html`<small>${note}</small>`}</h3>
<pre tabindex="0" role="region" aria-label="${label}">${text}</pre>`;
}

/** Renders a body, indented if it is JSON. */
export function body(label: string, text: string, bytes = Buffer.byteLength(text)): Html {
  const isCut = Buffer.byteLength(text) < bytes;
  return block(label, indented(text), `${bytes} bytes${isCut ? ', the beginning' : ''}`);
}

export function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function headers(label: string, given: Readonly<Record<string, string>>): Html {
  const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}`);
  if (lines.length === 0) return html``;
  return html`<details><summary>${label}</summary><pre tabindex="0" role="region" aria-label="${label}">${lines.join('\n')}</pre></details>`;
}

/** A button that copies text. */
export function copy(label: string, text: string): Html {
  return html`<button type="button" data-copy="${text}">${label}</button>`;
}

/** A button that copies the address of a page of the emulator. */
export function copyLink(path: string): Html {
  return html`<button type="button" data-copy-link="${path}">Copy link</button>`;
}

/** A button that calls the control API. */
export function action(label: string, call: string, json?: object, confirm?: string): Html {
  return html`<button type="button" data-call="${call}"${json ? html` data-json="${JSON.stringify(json)}"` : ''}${confirm ? html` data-confirm="${confirm}"` : ''}>${label}</button>`;
}

/** Quotes text for a shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
