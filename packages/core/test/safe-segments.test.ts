/** Dot segments, however often they are percent-encoded. */
import { VortexClient } from '@vortex/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSafeSegment } from '../src/api/path.ts';

/** Undoes one layer of percent-encoding. Undefined for malformed text. */
function undo(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The rule as it is meant: undo layer by layer, until nothing changes. Its time grows with the square of the length. */
function isSafeByLayers(value: string): boolean {
  let plain = value;
  for (let next = undo(plain); next !== undefined && next !== plain; next = undo(plain)) plain = next;
  return plain !== '.' && plain !== '..';
}

/** Encodes the characters that a mask selects. */
function encode(text: string, mask: number): string {
  const isChosen = (index: number) => ((mask >> (index % 31)) & 1) === 1;
  return Array.from(text, (char, index) =>
    isChosen(index) ? `%${char.charCodeAt(0).toString(16).padStart(2, '0')}` : char,
  ).join('');
}

/** Dots and their like, encoded up to six times over. Some of these texts are damaged. */
const encodedDots = fc
  .tuple(
    fc.constantFrom<string[]>('.', '..', '...', '%'),
    fc.array(fc.nat(), { maxLength: 6 }),
    fc.option(fc.tuple(fc.nat(), fc.constantFrom<string[]>('', '%', '2', '5', 'e', 'E', '.'))),
  )
  .map(([start, masks, damage]) => {
    const encoded = masks.reduce((text, mask) => (text.length > 300 ? text : encode(text, mask)), start);
    if (!damage) return encoded;
    const at = damage[0] % (encoded.length + 1);
    return encoded.slice(0, at) + damage[1] + encoded.slice(at + 1);
  });
const shortText = fc.array(fc.constantFrom(...'%2540eE.3c'), { maxLength: 12 }).map((chars) => chars.join(''));

test('a segment is safe exactly if no number of layers undone makes it a dot segment', () => {
  const outcomes = { safe: 0, unsafe: 0 };
  fc.assert(
    fc.property(fc.oneof(encodedDots, shortText), (text) => {
      const isSafe = isSafeByLayers(text);
      outcomes[isSafe ? 'safe' : 'unsafe'] += 1;
      expect(isSafeSegment(text)).toBe(isSafe);
    }),
    { numRuns: 10_000 },
  );
  expect(outcomes.unsafe).toBeGreaterThan(100);
  expect(outcomes.safe).toBeGreaterThan(100);
});

test.each([
  ['%%32e', true],
  ['%2%65', true],
  ['%25%32%65', false],
  ['%25%32%65%252e', false],
  ['%E2%80%A4', true],
])('%s is safe: %s', (text, isSafe) => {
  expect(isSafeSegment(text)).toBe(isSafe);
});

test('an encoded dot segment is found below 30,000 layers of encoding, and another text is not taken for one', () => {
  expect(isSafeSegment(`%${'25'.repeat(30_000)}2e`)).toBe(false);
  expect(isSafeSegment(`%${'25'.repeat(30_000)}2f`)).toBe(true);
});

test('an id of over 1,000 characters is refused before it is looked at', async () => {
  const fetch = async () => Response.json({ id: 'i' });
  const client = new VortexClient('VRTX.Pxwrep1OTGuKHw4tPEtaaQ.secret', { fetch });
  expect(await client.getInvitation('a'.repeat(1000))).toEqual({ id: 'i' });
  const refused = { code: 'INVALID_ARGUMENT', reason: 'format', message: expect.stringContaining('1000 characters') };
  await expect(client.getInvitation('a'.repeat(1001))).rejects.toMatchObject(refused);
  await expect(client.getInvitation('\ud800'.repeat(1001))).rejects.toMatchObject(refused);
});
