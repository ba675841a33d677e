import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { sendRequest } from '../../../test/support/send-request.js';
import { type Adapter, defineAdapter } from '../adapter.js';
import { adapter } from './log.adapter.js';

const fax: Adapter = defineAdapter({
  kind: 'fax',
  description: 'Sends a fax.',
  options: z.strictObject({}),
  operations: {
    page: {
      description: 'Sends a page',
      input: z.strictObject({ page: z.string() }),
      audience: 'contact',
      receipt: z.strictObject({ id: z.string() }),
    },
  },
  defaultOperation: 'page',
  send: () => Promise.resolve({ outcome: 'delivered' }),
});
const kinds = new Map([adapter, fax].map((kind) => [kind.kind, kind]));

async function printed(request: Partial<Parameters<typeof adapter.send>[0]>): Promise<string[]> {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const outcome = await adapter.send(sendRequest({ options: {}, destination: 'screen', print, ...request }));
  expect(outcome).toEqual({ outcome: 'delivered' });
  return lines;
}

describe('log', () => {
  it('prints a text as one block', async () => {
    expect(await printed({ operation: 'write', input: { text: 'two\nlines' } })).toEqual([
      '[screen] write\n  text:\n    two\n    lines',
    ]);
  });

  it('names the kind it stands in for and prints its whole input', async () => {
    const input = { text: 'hi', blocks: [{ type: 'divider' }] };
    expect(await printed({ operation: 'message', options: { as: 'slack' }, input })).toEqual([
      '[screen] slack: message\n  text: hi\n  blocks: [{"type":"divider"}]',
    ]);
    expect(await printed({ options: { as: 'http' } })).toEqual(['[screen] http: send\n  (no input)']);
  });

  it('prints no control sequences that a terminal would obey', async () => {
    const [block] = await printed({
      operation: 'write',
      input: { text: 'a\u001b]0;title\u0007\r\nb\u202e' },
    });
    expect(block).toBe('[screen] write\n  text:\n    a�]0;title�\n    b�');
  });
});

describe('as', () => {
  it('takes over the operations of the kind', () => {
    expect(adapter.operationsFor?.({ as: 'fax' }, kinds)).toEqual({
      operations: fax.operations,
      defaultOperation: 'page',
    });
    expect(adapter.operationsFor?.({}, kinds)).toEqual({
      operations: adapter.operations,
      defaultOperation: 'write',
    });
  });

  it.each(['fox', 'log'])('refuses %s, which is no kind to stand in for', (as) => {
    expect(adapter.operationsFor?.({ as }, kinds)).toEqual({ operations: {} });
    expect(adapter.checkOptions?.({ as }, kinds)).toEqual([
      { path: 'as', problem: `no kind is called "${as}"; expected one of fax` },
    ]);
  });

  it('leaves a receipt that later actions can use', async () => {
    const request = { options: { as: 'fax' }, operation: 'page', destination: 'crm', kinds };
    const outcome = await adapter.send(sendRequest({ ...request, print: () => undefined }));
    expect(outcome).toEqual({ outcome: 'delivered', receipt: { id: '[id of crm]' } });
  });

  it('accepts a known kind', () => {
    expect(adapter.checkOptions?.({ as: 'fax' }, kinds)).toEqual([]);
    expect(adapter.checkOptions?.({}, kinds)).toEqual([]);
  });
});
