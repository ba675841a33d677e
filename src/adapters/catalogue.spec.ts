import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Adapter, defineAdapter } from './adapter.js';
import { adapterProblem, loadAdapters } from './catalogue.js';

const adapter: Adapter = defineAdapter({
  kind: 'fax',
  description: 'Sends a fax.',
  options: z.strictObject({}),
  operations: { send: { description: 'Sends one', input: z.strictObject({}), audience: 'system' } },
  defaultOperation: 'send',
  send: () => Promise.resolve({ outcome: 'delivered' }),
});

describe('loadAdapters', () => {
  it('finds every folder by itself', async () => {
    const kinds = await loadAdapters();
    expect([...kinds.keys()]).toEqual(expect.arrayContaining(['email', 'http', 'log', 'slack']));
    for (const [kind, found] of kinds) expect(found.kind).toBe(kind);
  });
});

describe('adapterProblem', () => {
  it('has nothing against a whole adapter', () => {
    expect(adapterProblem('fax', adapter)).toBeNull();
    expect(adapterProblem('fax', { ...adapter, defaultOperation: undefined })).toBeNull();
  });

  it.each<[string, unknown, string]>([
    [
      'no export',
      undefined,
      `exports no "adapter"; write: export const adapter = defineAdapter({ kind: 'fax'`,
    ],
    ['another kind', { ...adapter, kind: 'fox' }, `its kind is "fox"; it must be the folder's name, 'fax'`],
    ['no send', { ...adapter, send: undefined }, 'has no send()'],
    ['no description', { ...adapter, description: '' }, 'has no description'],
    ['options that are no schema', { ...adapter, options: {} }, 'its options are no schema'],
    ['no operations', { ...adapter, operations: {} }, 'has no operations'],
    [
      'an operation without input',
      { ...adapter, operations: { send: { description: 'x' } } },
      'operation send lacks',
    ],
    ['an unknown default', { ...adapter, defaultOperation: 'sned' }, 'defaultOperation "sned" is none of'],
  ])('names %s and the cure', (_what, exported, problem) => {
    expect(adapterProblem('fax', exported)).toContain(problem);
  });
});
