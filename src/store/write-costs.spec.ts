import { describe, expect, it } from '@jest/globals';
import { ORDINARY, type PlannedDelivery } from '../domain/delivery.js';
import { type ReachRequest } from './store.js';
import { isRepeatable, sizeOf } from './write-costs.js';
import { type Write } from './writes.js';

const delivery: PlannedDelivery = {
  ...{ id: 'd', rule: 'r', action: 'a', destination: 'crm', kind: 'http', operation: 'send' },
  ...{
    state: 'shadow',
    reason: null,
    dueAt: 0,
    onRevision: 'refresh',
    ordered: false,
    input: 'x'.repeat(9_000),
    needs: [],
    ...ORDINARY,
  },
};

describe('isRepeatable', () => {
  it.each<Write>([
    { do: 'command', id: 'd', command: { do: 'retry' }, now: 0 },
    { do: 'putSetting', key: 'k', value: null },
    { do: 'changeStop', change: { do: 'stop', scope: '', contact: '+1', reason: 'x' }, now: 0 },
    { do: 'probe', now: 0 },
  ])('lets the caller of $do be told early that it failed', (write) => {
    expect(isRepeatable(write)).toBe(true);
  });

  it.each<Write>([
    { do: 'recover', now: 0 },
    { do: 'saveInput', id: 'd', fence: 1, input: '{}' },
    { do: 'reach', request: { id: 'd', input: '{}', contacts: [] } as unknown as ReachRequest },
    { do: 'gatherDigest', id: 'd', fence: 1, now: 0 },
    { do: 'raiseAlerts', request: { alerts: [], now: 0, everyMs: 1 } },
    { do: 'settleAlerts', request: { ids: [], now: 0, outcome: 'sent', dueAt: 0 } },
    {
      do: 'replay',
      request: {
        ...{ eventId: 'e', now: 0, ruleSet: 'r', send: 'all', decisions: [] },
        ...{ deliveries: [], unchanged: [], identity: null },
      },
    },
  ])('lets the caller of $do wait for the truth', (write) => {
    expect(isRepeatable(write)).toBe(false);
  });
});

describe('sizeOf', () => {
  it('counts the texts that a write brings', () => {
    const replay: Write = {
      do: 'replay',
      request: {
        ...{ eventId: 'e', now: 0, ruleSet: 'r', send: 'all', decisions: [] },
        ...{ deliveries: [delivery, delivery], unchanged: [], identity: null },
      },
    };
    const changes = { with: { text: 'x'.repeat(5_000) } };
    const release: Write = { do: 'command', id: 'd', command: { do: 'release', changes }, now: 0 };
    const retry: Write = { do: 'command', id: 'd', command: { do: 'retry' }, now: 0 };
    expect(sizeOf(replay)).toBeGreaterThan(18_000);
    expect(sizeOf(release)).toBeGreaterThan(5_000);
    expect(sizeOf(retry)).toBeLessThan(1_000);
  });
});
