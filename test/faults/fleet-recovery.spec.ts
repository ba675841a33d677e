import { describe, expect, it } from '@jest/globals';
import { type RecoveryHistory, recoveryOf } from './fleet-recovery.js';

const SECOND = 1_000;

/** One call, answered at 10 s, whose one delivery arrived at 11 s; nothing happened. */
function history(change: Partial<RecoveryHistory> = {}): RecoveryHistory {
  return {
    answered: [{ callId: '1', at: 10 * SECOND }],
    events: [{ id: 'e1', callId: '1', hash: 'h' }],
    deliveries: [delivery('d1', 'e1')],
    seen: [seen('1', 11)],
    faults: [],
    takeUps: [],
    ...change,
  };
}

function delivery(id: string, eventId: string): RecoveryHistory['deliveries'][number] {
  return { id, eventId, rule: 'r', action: 'a', destination: 'crm', state: 'delivered', dueAt: 0 };
}

function seen(callId: string, atSecond: number, taken = true): RecoveryHistory['seen'][number] {
  return { destination: 'crm', callId, key: null, hash: 'h', taken, time: atSecond * SECOND };
}

const kill = (atSecond: number) => ({ kind: 'kill', at: atSecond * SECOND, takesClaims: true });
const flush = (atSecond: number) => ({ kind: 'flush', at: atSecond * SECOND, takesClaims: false });
const recovery = (change: Partial<RecoveryHistory>) => recoveryOf(history(change), ['crm']);

describe('recovery', () => {
  it('finds nothing in a run in which nothing happened', () => {
    expect(recovery({})).toEqual({ seconds: [], violations: [] });
  });

  it('takes a fault for over when the first call answered after it has arrived', () => {
    expect(recovery({ faults: [kill(9)] })).toEqual({ seconds: [2], violations: [] });
  });

  it('says nothing of a fault that held up nothing and was followed by nothing', () => {
    expect(recovery({ faults: [kill(12)] }).seconds).toEqual([null]);
  });

  it('counts what a fault took away until it arrives, however many faults come after it', () => {
    const takeUps = [{ deliveryId: 'd1', claimedAt: 10.5 * SECOND, takenUpAt: 26 * SECOND }];
    const found = recovery({ seen: [seen('1', 27)], faults: [kill(11), kill(20)], takeUps });
    expect(found).toEqual({ seconds: [16, null], violations: [] });
  });

  it('counts from the last claim that was lost', () => {
    const takeUps = [
      { deliveryId: 'd1', claimedAt: 10.5 * SECOND, takenUpAt: 26 * SECOND },
      { deliveryId: 'd1', claimedAt: 26 * SECOND, takenUpAt: 42 * SECOND },
    ];
    const found = recovery({ seen: [seen('1', 43)], faults: [kill(11), kill(27)], takeUps });
    expect(found).toEqual({ seconds: [null, 16], violations: [] });
  });

  it('asks nothing more of what had arrived before its claim was lost', () => {
    const takeUps = [{ deliveryId: 'd1', claimedAt: 12 * SECOND, takenUpAt: 28 * SECOND }];
    expect(recovery({ takeUps }).violations).toEqual([]);
  });

  it('counts the first request that was taken', () => {
    const faults = [kill(9)];
    expect(recovery({ seen: [seen('1', 11, false), seen('1', 13)], faults }).seconds).toEqual([4]);
  });

  it('names what arrives more than 30 s after the fault that hit it', () => {
    const takeUps = [{ deliveryId: 'd1', claimedAt: 10.5 * SECOND, takenUpAt: 26 * SECOND }];
    const { violations } = recovery({ seen: [seen('1', 42)], faults: [kill(11)], takeUps });
    expect(violations).toEqual(['call 1 to crm arrived 31000 ms after kill']);
  });

  it('names what arrives more than 30 s after its answer, though nothing hit it', () => {
    const { violations } = recovery({ seen: [seen('1', 41)], faults: [kill(20)] });
    expect(violations).toEqual(['call 1 to crm arrived 31000 ms after its answer']);
  });

  it('names a claim that was lost though nothing had happened', () => {
    const takeUps = [{ deliveryId: 'd1', claimedAt: 10.5 * SECOND, takenUpAt: 26 * SECOND }];
    const { violations } = recovery({ seen: [seen('1', 27)], faults: [kill(5), flush(11)], takeUps });
    expect(violations).toEqual(['call 1 to crm lost its claim though nothing had happened']);
  });
});
