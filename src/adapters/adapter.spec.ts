import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ifUnknownOf, type Operation } from './adapter.js';

const operation = (changes: Partial<Operation>): Operation => ({
  description: 'For this spec',
  input: z.strictObject({}),
  audience: 'system',
  ...changes,
});

describe('ifUnknownOf', () => {
  it.each([
    ['holds what reaches a contact', {}, operation({ audience: 'contact' }), 'hold'],
    ['tries the rest again', {}, operation({ audience: 'colleagues' }), 'retry'],
    ['hears the operation', {}, operation({ audience: 'contact', ifUnknown: 'retry' }), 'retry'],
    ['hears the action first', { ifUnknown: 'hold' as const }, operation({ ifUnknown: 'retry' }), 'hold'],
    ['takes no word of the action for none', { ifUnknown: null }, operation({}), 'retry'],
  ])('%s', (_title, action, of, expected) => {
    expect(ifUnknownOf(action, of)).toBe(expected);
  });
});
