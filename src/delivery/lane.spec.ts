import { describe, expect, it } from '@jest/globals';
import { Lane } from './lane.js';

/** A piece of work that ends when told to. */
function work() {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (end = resolve));
  return { run: () => done, end };
}

describe('Lane', () => {
  it('claims three times as many deliveries as it has slots', () => {
    const lane = new Lane({ concurrency: 5, rate: null });
    expect(lane.free(0).count).toBe(15);
    lane.claimed(0);
    expect(lane.free(0).count).toBe(14);
    lane.released();
    expect(lane.free(0).count).toBe(15);
  });

  it('runs no more at once than it has slots, in the order of arrival', async () => {
    const lane = new Lane({ concurrency: 2, rate: null });
    const started: number[] = [];
    const works = [work(), work(), work()];
    const runs = works.map(({ run }, index) => lane.run(() => (started.push(index), run())));
    expect(started).toEqual([0, 1]);
    works[0]?.end();
    await runs[0];
    expect(started).toEqual([0, 1, 2]);
    works[1]?.end();
    works[2]?.end();
    await Promise.all(runs);
  });

  it('frees the slot when the work throws', async () => {
    const lane = new Lane({ concurrency: 1, rate: null });
    await expect(lane.run(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    await expect(lane.run(() => Promise.resolve('next'))).resolves.toBe('next');
  });

  it('claims nothing while it waits and says when it opens', () => {
    const lane = new Lane({ concurrency: 5, rate: null });
    lane.gate.judge({ outcome: 'retry', reason: 'rate_limited', afterMs: 7_000 }, { now: 0, isProbe: false });
    expect([lane.free(6_999).count, lane.opensAt(6_999)]).toEqual([0, 7_000]);
    expect([lane.free(7_000).count, lane.opensAt(7_000)]).toEqual([15, null]);
  });

  it('claims one delivery to probe with, and no other before that has ended', () => {
    const lane = new Lane({ concurrency: 5, rate: null });
    lane.claimed(0);
    lane.gate.judge({ outcome: 'unauthorized', reason: 'unauthorized' }, { now: 0, isProbe: false });
    expect([lane.free(4_999).count, lane.opensAt(4_999)]).toEqual([0, 5_000]);
    expect(lane.free(5_000)).toEqual({ count: 1, asProbe: true });
    expect(lane.isWorthClaiming(5_000)).toBe(true);
    lane.reserveProbe();
    expect(lane.free(5_000).count).toBe(0);
    lane.freeProbe();
    lane.claimed(5_000, true);
    expect(lane.free(5_000).count).toBe(0);
    lane.released(true);
    expect(lane.free(5_000).count).toBe(1);
  });

  it('keeps to its rate with probes, too', () => {
    const lane = new Lane({ concurrency: 5, rate: { count: 1, perMs: 60_000 } });
    lane.claimed(0);
    lane.gate.judge({ outcome: 'unauthorized', reason: 'unauthorized' }, { now: 100, isProbe: false });
    lane.released();
    expect([lane.free(6_000).count, lane.opensAt(6_000)]).toEqual([0, 60_000]);
    expect(lane.free(60_000)).toEqual({ count: 1, asProbe: true });
  });

  it('starts no more per span than its rate allows, in every sliding span', () => {
    const lane = new Lane({ concurrency: 50, rate: { count: 2, perMs: 1_000 } });
    expect(lane.free(0).count).toBe(2);
    lane.claimed(0);
    lane.claimed(400);
    expect([lane.free(999).count, lane.opensAt(999)]).toEqual([0, 1_000]);
    expect(lane.free(1_000).count).toBeGreaterThanOrEqual(0);
    lane.released();
    lane.released();
    expect(lane.free(1_000).count).toBe(1);
    expect(lane.free(1_400).count).toBe(2);
  });

  it('uses all its slots under a rate, also while earlier requests are still under way', () => {
    const lane = new Lane({ concurrency: 3, rate: { count: 1, perMs: 1_000 } });
    lane.claimed(0);
    expect([lane.free(999).count, lane.free(1_000).count]).toEqual([0, 1]);
    lane.claimed(1_000);
    lane.claimed(2_000);
    expect(lane.free(3_000).count).toBe(0);
    lane.released();
    expect(lane.free(3_000).count).toBe(1);
  });

  it('claims nothing ahead under a rate, so that starts do not pile up in one span', () => {
    const lane = new Lane({ concurrency: 3, rate: { count: 100, perMs: 10_000 } });
    expect(lane.free(0).count).toBe(3);
    lane.claimed(0);
    lane.claimed(0);
    expect(lane.isWorthClaiming(0)).toBe(true);
  });

  it('lets a guest wait behind what was claimed', () => {
    const lane = new Lane({ concurrency: 1, rate: null });
    for (let nth = 0; nth < 3; nth += 1) lane.claimed(0);
    expect(lane.free(0).count).toBe(0);
    expect(lane.admitGuest(0)).toEqual({ admitted: true, asProbe: false });
  });

  it('keeps the next start of its rate for a guest that it refused, for a while', () => {
    const lane = new Lane({ concurrency: 3, rate: { count: 1, perMs: 1_000 } });
    lane.claimed(0);
    lane.released();
    expect(lane.admitGuest(500).admitted).toBe(false);
    expect([lane.free(1_000).count, lane.opensAt(1_000)]).toEqual([0, 11_000]);
    expect(lane.admitGuest(5_000).admitted).toBe(true);
    expect(lane.free(5_000).count).toBe(1);
  });

  it('takes back what it kept for a guest that never came', () => {
    const lane = new Lane({ concurrency: 3, rate: { count: 1, perMs: 1_000 } });
    lane.claimed(0);
    lane.released();
    lane.admitGuest(500);
    expect([lane.free(10_999).count, lane.free(11_000).count]).toEqual([0, 1]);
  });

  it('claims by the batch without a rate, and at once when it would run dry', () => {
    const lane = new Lane({ concurrency: 2, rate: null });
    for (let nth = 0; nth < 5; nth += 1) lane.claimed(0);
    expect(lane.isWorthClaiming(0)).toBe(false);
    lane.released();
    expect(lane.isWorthClaiming(0)).toBe(true);
  });

  it('lets waiting work start when it gets more slots', async () => {
    const lane = new Lane({ concurrency: 1, rate: null });
    const first = work();
    const started: string[] = [];
    const runs = [
      lane.run(() => (started.push('first'), first.run())),
      lane.run(() => (started.push('second'), Promise.resolve())),
    ];
    lane.setLimits({ concurrency: 2, rate: null });
    await runs[1];
    expect(started).toEqual(['first', 'second']);
    first.end();
    await runs[0];
  });
});
