import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { type Adapter } from '../../adapters/adapter.js';
import { loadSources } from '../../sources/catalogue.js';
import { formatProblem, readConfig } from '../read-config.js';
import { isChosenByUs } from './reaching.js';

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

describe('isChosenByUs', () => {
  it.each([
    '+43123456789',
    'sales@example.com',
    "{{ city | lookup: 'phone_of' }}",
    "  {{- city | strip | lookup:'phone_of'-}} ",
    `{{ city | default: 'a | b' | lookup: "phone_of" | default: '+43123456789' }}`,
  ])('takes %j', (text) => {
    expect(isChosenByUs(text)).toBe(true);
  });

  it.each([
    '{{ contact.phone }}',
    '{% if id %}+43123456789{% endif %}',
    "{{ city | lookup: 'phone_of' | default: contact.phone }}",
    "{{ city | lookup: 'phone_of' | append: contact.phone }}",
    "{{ contact.phone }}{{ city | lookup: 'phone_of' }}",
    '{{ city | lookup: table }}',
    `{{ contact.phone | default: "| lookup: 't'" }}`,
    null,
    ['+43123456789'],
  ])('refuses %j', (text) => {
    expect(isChosenByUs(text)).toBe(false);
  });

  it('answers any text, and refuses what prints a variable as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof isChosenByUs(`{{ ${text} | lookup: 't' }}`)).toBe('boolean');
        expect(isChosenByUs(`${text}{{ contact.phone }}`)).toBe(false);
      }),
    );
    expect(isChosenByUs(`{{ ${'| lookup: '.repeat(20_000)}`)).toBe(false);
  });
});
