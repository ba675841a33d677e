import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Adapter } from '../../adapters/adapter.js';
import { loadSources } from '../../sources/catalogue.js';
import { formatProblem, readConfig } from '../read-config.js';

/** A kind of a host application, with a form of its own. */
const bell: Adapter = {
  kind: 'bell',
  description: 'Rings.',
  options: z.strictObject({}),
  operations: {
    ring: {
      description: 'Rings with a word.',
      audience: 'system',
      input: z.strictObject({ word: z.string().optional() }),
    },
  },
  defaultOperation: 'ring',
  send: () => Promise.resolve({ outcome: 'delivered' }),
};

async function problemsOf(alert: object, kind: Adapter = bell): Promise<string[]> {
  const input = {
    schema: 1,
    sources: { autocalls: { kind: 'autocalls' } },
    destinations: { door: { kind: 'bell' } },
    alerts: [alert],
  };
  const sourceKinds = await loadSources();
  const reading = await readConfig({ input, env: {}, kinds: new Map([['bell', kind]]), sourceKinds });
  return reading.ok ? [] : reading.problems.map(formatProblem);
}

describe('alerts to a kind that has neither text nor body', () => {
  it('need to be told where the text goes', async () => {
    expect(await problemsOf({ to: 'door' })).toEqual([
      expect.stringMatching(
        /alerts\[0\]\.with {2}says nowhere what is told; put "\{\{ text \}\}" into the field/,
      ),
    ]);
    expect(await problemsOf({ to: 'door', with: { word: '{{ subject }}' } })).toEqual([]);
  });

  it('are refused where the kind has no default operation', async () => {
    const { defaultOperation: _none, ...mute } = bell;
    expect(await problemsOf({ to: 'door' }, mute)).toEqual([
      expect.stringMatching(/alerts\[0\] {2}door takes no plain message/),
    ]);
  });
});
