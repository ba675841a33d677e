import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type ActionContent } from '../rules/rule.js';
import { createTemplates } from '../templates/templates.js';
import { type Operation } from './adapter.js';
import { type OnlyIf, prepareDelivery } from './prepare-delivery.js';

const templates = createTemplates({ timezone: 'UTC', tables: {}, files: {} });
const operation: Operation = {
  description: 'For this spec',
  audience: 'colleagues',
  testMarkField: 'text',
  input: z.strictObject({ text: z.string() }),
};
const action: ActionContent = {
  id: 'tell',
  to: 'sales',
  do: null,
  with: { text: 'Hi {{ name }}' },
  onlyIf: null,
  ifMissing: null,
  onRevision: 'refresh',
};
const verdict = (test: boolean | 'undecided'): OnlyIf => ({
  test: () => test,
  because: () => [
    { path: 'duration', problem: 'missing' },
    { path: 'lead.email', problem: 'missing' },
    { path: 'duration', problem: 'not_a_number' },
  ],
});
const prepare = (over: Partial<Parameters<typeof prepareDelivery>[0]>) =>
  prepareDelivery({
    action,
    onlyIf: null,
    operation,
    templates,
    data: { name: 'Ann' },
    isTest: false,
    ...over,
  });

describe('preparing a delivery', () => {
  it('renders the input', () => {
    expect(prepare({})).toEqual({ state: 'ready', input: { text: 'Hi Ann' } });
    expect(prepare({ onlyIf: verdict(true), isTest: true })).toEqual({
      state: 'ready',
      input: { text: '[TEST] Hi Ann' },
    });
  });

  it('skips what only_if excludes', () => {
    expect(prepare({ onlyIf: verdict(false) })).toEqual({ state: 'skipped', reason: 'only_if' });
  });

  it('holds what only_if leaves undecided, with the paths', () => {
    expect(prepare({ onlyIf: verdict('undecided') })).toEqual({
      state: 'held',
      reason: 'undecided: duration, lead.email',
    });
  });

  it('holds what cannot be rendered', () => {
    expect(prepare({ data: {}, action: { ...action, ifMissing: 'hold' } })).toEqual({
      state: 'held',
      reason: 'missing: name',
    });
  });

  it('does not ask only_if of what a person released', () => {
    for (const test of [false, 'undecided'] as const)
      expect(prepare({ onlyIf: verdict(test), release: {} })).toMatchObject({ state: 'ready' });
  });

  it('goes by the if_missing of the release', () => {
    const held: Partial<Parameters<typeof prepareDelivery>[0]> = {
      data: {},
      action: { ...action, ifMissing: 'hold' },
    };
    expect(prepare({ ...held, release: { ifMissing: 'empty' } })).toMatchObject({ input: { text: 'Hi ' } });
    expect(prepare({ ...held, release: {} })).toMatchObject({ state: 'held', reason: 'missing: name' });
  });

  it('takes the input of the release as it is, and checks it', () => {
    const text = 'No {{ template }} & <b>';
    expect(prepare({ data: {}, release: { with: { text } } })).toEqual({ state: 'ready', input: { text } });
    expect(prepare({ release: { with: { text: 7 } } })).toMatchObject({
      state: 'held',
      reason: 'invalid_input: text is a number; expected text',
    });
    expect(prepare({ release: { with: { txt: 'x' } } })).toMatchObject({
      reason: expect.stringMatching(/^invalid_input: txt is not known here/),
    });
  });
});
