/** Tests what `parseAddresses` finds in a text that was typed or pasted. */
import { parseAddresses } from '@vortex/browser';
import { expect, test } from 'vitest';

test.each<[text: string, valid: string[], invalid: string[]]>([
  ['', [], []],
  [' , ;\n', [], []],
  ['a@x.example, b@x.example;c@x.example\nd@x.example', ['a', 'b', 'c', 'd'].map((name) => `${name}@x.example`), []],
  ['Ada Lindqvist <ada@x.example>, Bo <bo@x.example>', ['ada@x.example', 'bo@x.example'], []],
  ['Ada <ada@x.example> Bo <bo@x.example> cy@x.example', ['ada@x.example', 'bo@x.example', 'cy@x.example'], []],
  ['ada@x.example ADA@X.example', ['ADA@X.example'], []],
  ['ada@x', [], ['ada@x']],
  ['Ada < Bo <bo@x.example>', ['bo@x.example'], ['Ada', '<']],
])('of %j, the addresses are %j and the other words %j', (text, valid, invalid) => {
  expect(parseAddresses(text)).toEqual({ valid, invalid });
});

test.each([
  ['spaces', ' '],
  ['tabs', '\t'],
])('40,000 addresses between %s are read within the time limit of a test', (_, space) => {
  const addresses = Array.from({ length: 40_000 }, (_value, index) => `first.last${index}@x.example`);
  expect(parseAddresses(addresses.join(space))).toEqual({ valid: addresses, invalid: [] });
});
