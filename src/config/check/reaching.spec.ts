import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Adapter } from '../../adapters/adapter.js';
import { loadSources } from '../../sources/catalogue.js';
import { formatProblem, readConfig } from '../read-config.js';

/** A kind of a host application that was written before there was a gate. */
const bell: Adapter = {
  kind: 'bell',
  description: 'Rings.',
  options: z.strictObject({}),
  operations: { ring: { description: 'Rings.', audience: 'contact', input: z.strictObject({}) } },
  defaultOperation: 'ring',
  send: () => Promise.resolve({ outcome: 'delivered' }),
};

it('refuses an operation that reaches contacts past the gate', async () => {
  const input = {
    sources: { autocalls: { kind: 'autocalls' } },
    destinations: { door: { kind: 'bell' } },
    rules: { a: { match: 'everything', then: [{ id: 'ring', to: 'door' }] } },
  };
  const sourceKinds = await loadSources();
  const reading = await readConfig({ input, env: {}, kinds: new Map([['bell', bell]]), sourceKinds });
  expect(reading.ok ? [] : reading.problems.map(formatProblem)).toEqual([
    'config:1:1  rules.a.then[0].to  ring (door) reaches contacts, but its kind does not say how; expected reaches: { channel } in its operation',
  ]);
});
