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
    expect(lane.free(0)).toBe(15);
    lane.claimed(0);
    expect(lane.free(0)).toBe(14);
    lane.released();
    expect(lane.free(0)).toBe(15);
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

  it('claims nothing while it is paused and says when it opens', () => {
    const lane = new Lane({ concurrency: 5, rate: null });
    lane.pauseUntil(7_000);
    lane.pauseUntil(3_000);
    expect([lane.free(6_999), lane.isPaused(6_999), lane.opensAt(6_999)]).toEqual([0, true, 7_000]);
    expect([lane.free(7_000), lane.isPaused(7_000), lane.opensAt(7_000)]).toEqual([15, false, null]);
  });

  it('starts no more per span than its rate allows, in every sliding span', () => {
    const lane = new Lane({ concurrency: 50, rate: { count: 2, perMs: 1_000 } });
    expect(lane.free(0)).toBe(2);
    lane.claimed(0);
    lane.claimed(400);
    expect([lane.free(999), lane.opensAt(999)]).toEqual([0, 1_000]);
    expect(lane.free(1_000)).toBeGreaterThanOrEqual(0);
    lane.released();
    lane.released();
    expect(lane.free(1_000)).toBe(1);
    expect(lane.free(1_400)).toBe(2);
  });

  it('uses all its slots under a rate, also while earlier requests are still under way', () => {
    const lane = new Lane({ concurrency: 3, rate: { count: 1, perMs: 1_000 } });
    lane.claimed(0);
    expect([lane.free(999), lane.free(1_000)]).toEqual([0, 1]);
    lane.claimed(1_000);
    lane.claimed(2_000);
    expect(lane.free(3_000)).toBe(0);
    lane.released();
    expect(lane.free(3_000)).toBe(1);
  });

  it('claims nothing ahead under a rate, so that starts do not pile up in one span', () => {
    const lane = new Lane({ concurrency: 3, rate: { count: 100, perMs: 10_000 } });
    expect(lane.free(0)).toBe(3);
    lane.claimed(0);
    lane.claimed(0);
    expect(lane.isWorthClaiming(0)).toBe(true);
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
