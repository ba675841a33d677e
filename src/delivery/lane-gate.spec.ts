import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AttemptOutcome } from '../domain/attempt.js';
import { type LaneChange, LaneGate } from './lane-gate.js';

const delivered: AttemptOutcome = { outcome: 'delivered' };
const failed: AttemptOutcome = { outcome: 'retry', reason: 'server_error' };
const refused: AttemptOutcome = { outcome: 'unauthorized', reason: 'unauthorized' };
const limited: AttemptOutcome = { outcome: 'retry', reason: 'rate_limited' };
const offline: AttemptOutcome = { outcome: 'retry', reason: 'offline' };
const asked = (afterMs: number): AttemptOutcome => ({ outcome: 'retry', reason: 'rate_limited', afterMs });

let changes: LaneChange[];
let gate: LaneGate;
beforeEach(() => {
  changes = [];
  gate = new LaneGate((change) => changes.push(change));
});

const judge = (result: AttemptOutcome, now: number, isProbe = false) => gate.judge(result, { now, isProbe });

/** Ten failures, the last of them at time 0. */
function open(): void {
  for (let nth = 0; nth < 10; nth += 1) judge(failed, 0);
}

describe('LaneGate', () => {
  it('lets everything through to begin with', () => {
    expect([gate.room(0), gate.refusal(0, false), gate.closure(0)]).toEqual(['all', null, null]);
  });

  it('charges what opens it, and not what ends later', () => {
    for (let nth = 0; nth < 9; nth += 1) expect(judge(failed, 0)).toBeNull();
    expect(judge(failed, 0)).toBeNull();
    expect(judge(failed, 100)).toBe(100);
    expect(judge(failed, 5_000, true)).toBe(5_000);
    expect(gate.closure(5_000)).toEqual({ state: 'open', why: 'server_error', since: 0, opensAt: 15_000 });
  });

  it('does not charge what opens it with refused credentials', () => {
    expect(judge(refused, 0)).toBe(0);
    expect(gate.refusal(0, false)).toBe('destination_open');
  });

  it('lets one probe pass when its time has come, and nothing else', () => {
    open();
    expect([gate.room(4_999), gate.room(5_000)]).toEqual(['none', 'probe']);
    expect([gate.refusal(4_999, true), gate.refusal(5_000, true)]).toEqual(['destination_open', null]);
    expect(gate.refusal(5_000, false)).toBe('destination_open');
  });

  it('tells when it opens, when credentials are refused, and when it closes', () => {
    open();
    judge(failed, 5_000, true);
    judge(refused, 15_000, true);
    judge(refused, 35_000, true);
    judge(delivered, 75_000, true);
    expect(changes).toEqual([
      { change: 'opened', why: 'server_error' },
      { change: 'opened', why: 'unauthorized' },
      { change: 'closed', why: 'delivered' },
    ]);
  });

  it('never shortens what the destination asked for', () => {
    const answers = fc.array(fc.tuple(fc.nat(5_000), fc.nat(60_000)), { minLength: 1 });
    fc.assert(
      fc.property(answers, (steps) => {
        gate = new LaneGate();
        let now = 0;
        let latest = 0;
        for (const [passedMs, afterMs] of steps) {
          now += passedMs;
          judge(asked(afterMs), now);
          judge(delivered, now);
          gate.lookAtOnce(now);
          latest = Math.max(latest, now + afterMs);
          if (latest > now) expect([gate.room(now), gate.room(latest - 1)]).toEqual(['none', 'none']);
          expect(gate.room(latest)).toBe('all');
        }
      }),
    );
  });

  it('does not probe before the time that the destination asked for', () => {
    open();
    judge({ outcome: 'retry', reason: 'server_error', afterMs: 60_000 }, 5_000, true);
    expect(gate.closure(16_000)).toMatchObject({ state: 'open', opensAt: 65_000 });
    expect([gate.room(64_999), gate.room(65_000)]).toEqual(['none', 'probe']);
  });

  it('waits 5 s, doubling to a minute, where a 429 names no time', () => {
    expect(judge(limited, 0)).toBe(5_000);
    // It was under way already.
    expect(judge(limited, 100)).toBe(5_000);
    expect(judge(limited, 5_000)).toBe(15_000);
    let now = 15_000;
    for (let nth = 0; nth < 8; nth += 1) now = judge(limited, now) ?? now;
    expect((judge(limited, now) ?? 0) - now).toBe(60_000);
    judge(delivered, now + 60_000);
    expect(judge(limited, now + 61_000)).toBe(now + 66_000);
    expect(changes).toEqual([]);
  });

  it('pauses shortly while our own network fails, and opens no breaker for it', () => {
    judge(offline, 0);
    // It was under way already.
    expect(judge(offline, 100)).toBe(100);
    expect(gate.closure(100)).toEqual({ state: 'waiting', why: 'offline', since: 0, opensAt: 5_000 });
    expect(gate.refusal(100, false)).toBe('offline');
    const opensAt = () => gate.closure(now)?.opensAt ?? now;
    let now = 5_000;
    for (let nth = 0; nth < 20; nth += 1) {
      judge(offline, now);
      now = opensAt();
    }
    judge(offline, now);
    expect(opensAt() - now).toBe(60_000);
    expect(judge(delivered, now + 60_000)).toBeNull();
    now += 60_001;
    judge(offline, now);
    expect(opensAt() - now).toBe(5_000);
    expect(changes).toEqual([]);
  });

  it('probes at once when somebody asks', () => {
    open();
    judge(failed, 5_000, true);
    gate.lookAtOnce(6_000);
    expect(gate.room(6_000)).toBe('probe');
    judge(failed, 6_000, true);
    expect(gate.closure(6_000)).toMatchObject({ opensAt: 11_000 });
  });

  it('looks at once after trouble of our own network', () => {
    judge(offline, 0);
    gate.lookAtOnce(1_000);
    expect(gate.room(1_000)).toBe('all');
  });

  it('lets nothing through while a person paused it or the configuration switched it off', () => {
    open();
    gate.setPaused(70);
    expect(gate.closure(5_000)).toEqual({ state: 'paused', why: null, since: 70, opensAt: null });
    expect([gate.room(5_000), gate.refusal(5_000, true)]).toEqual(['none', 'destination_paused']);
    gate.setEnabled(false);
    expect([gate.room(5_000), gate.refusal(5_000, true)]).toEqual(['none', 'destination_disabled']);
    gate.setEnabled(true);
    gate.setPaused(null);
    expect(gate.room(5_000)).toBe('probe');
  });
});
