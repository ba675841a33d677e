import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AttemptOutcome } from './attempt.js';
import {
  type Breaker,
  CLOSED,
  FIRST_PROBE_MS,
  LONGEST_PROBE_MS,
  OPENS_AFTER,
  afterAttempt,
  probeAtOnce,
} from './breaker.js';

const OUTCOMES = {
  delivered: { outcome: 'delivered' },
  rejected: { outcome: 'rejected', reason: 'client_error' },
  limited: { outcome: 'retry', reason: 'rate_limited' },
  failed: { outcome: 'retry', reason: 'server_error' },
  unknown: { outcome: 'unknown', reason: 'timeout' },
  unauthorized: { outcome: 'unauthorized', reason: 'unauthorized' },
  offline: { outcome: 'retry', reason: 'offline' },
} as const satisfies Record<string, AttemptOutcome>;
type Name = keyof typeof OUTCOMES;

const names = Object.keys(OUTCOMES) as Name[];
const anyName = fc.constantFrom(...names);

/** The breaker after these attempts, one per second, all of them probes or none. */
function after(sequence: readonly Name[], start: Breaker = CLOSED, isProbe = false): Breaker {
  return sequence.reduce(
    (breaker, name, second) => afterAttempt(breaker, OUTCOMES[name], { isProbe, now: second * 1000 }),
    start,
  );
}

const times = (count: number, name: Name): Name[] => Array.from({ length: count }, () => name);
const opened = after(times(OPENS_AFTER, 'failed'));

describe('breaker', () => {
  it('opens after ten failures in a row and no earlier', () => {
    expect(after(times(9, 'failed')).open).toBeNull();
    expect(opened.open).toEqual({ why: 'server_error', since: 9000, probeAt: 14_000, waitMs: 5_000 });
    expect(after([...times(9, 'failed'), 'delivered', ...times(9, 'unknown')]).open).toBeNull();
    expect(after([...times(9, 'failed'), 'rejected', 'limited', 'offline']).open).toBeNull();
    expect(after([...times(9, 'failed'), 'rejected', 'limited', 'offline', 'unknown']).open).not.toBeNull();
  });

  it('opens at once when credentials are refused', () => {
    expect(after(['unauthorized']).open).toMatchObject({ why: 'unauthorized', probeAt: FIRST_PROBE_MS });
  });

  it('opens exactly when ten of a row are failures, or one is unauthorized, whatever came between', () => {
    fc.assert(
      fc.property(fc.array(anyName, { maxLength: 40 }), (sequence) => {
        const opens = sequence.some((name, index) => {
          const soFar = sequence.slice(0, index + 1);
          const row = soFar.slice(soFar.lastIndexOf('delivered') + 1);
          const failures = row.filter((one) => one === 'failed' || one === 'unknown').length;
          return name === 'unauthorized' || failures >= OPENS_AFTER;
        });
        expect(after(sequence).open !== null).toBe(opens);
      }),
    );
  });

  it('closes with the first probe that shows it alive, and with nothing else', () => {
    for (const name of ['delivered', 'rejected', 'limited'] as const)
      expect(after([name], opened, true)).toEqual(CLOSED);
    for (const name of ['failed', 'unknown', 'unauthorized', 'offline'] as const)
      expect(after([name], opened, true).open).not.toBeNull();
  });

  it('takes no notice of what began before it opened', () => {
    fc.assert(
      fc.property(fc.array(anyName, { maxLength: 20 }), (late) =>
        expect(after(late, opened)).toEqual(opened),
      ),
    );
  });

  it('doubles the wait from 5 s to 15 min while probes fail', () => {
    const failures = fc.array(fc.constantFrom<Name>('failed', 'unknown', 'unauthorized'), { maxLength: 30 });
    fc.assert(
      fc.property(failures, (probes) => {
        const { open } = after(probes, opened, true);
        expect(open?.waitMs).toBe(Math.min(LONGEST_PROBE_MS, FIRST_PROBE_MS * 2 ** probes.length));
        const lastAt = (probes.length - 1) * 1000;
        if (probes.length > 0) expect(open?.probeAt).toBe(lastAt + (open?.waitMs ?? 0));
        expect(open?.since).toBe(9000);
      }),
    );
  });

  it('looks again after the same wait when a probe fails for want of a network', () => {
    const { open } = after(['offline'], after(['failed', 'failed'], opened, true), true);
    expect(open).toMatchObject({ why: 'server_error', waitMs: 20_000, probeAt: 20_000 });
  });

  it('probes at once when somebody mended it, and begins its waits anew', () => {
    const asked = probeAtOnce(after(times(6, 'failed'), opened, true), 70_000);
    expect(asked.open).toMatchObject({ probeAt: 70_000, since: 9000 });
    const again = afterAttempt(asked, OUTCOMES.failed, { isProbe: true, now: 70_100 });
    expect(again.open).toMatchObject({ probeAt: 75_100, waitMs: 5_000 });
    expect(probeAtOnce(CLOSED, 70_000)).toEqual(CLOSED);
  });

  it('says what the last probe met', () => {
    expect(after(['unauthorized'], opened, true).open).toMatchObject({ why: 'unauthorized', since: 9000 });
  });
});
