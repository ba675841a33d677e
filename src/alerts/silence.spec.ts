import { describe, expect, it } from '@jest/globals';
import { FakeAlertStore } from '../../test/support/fake-alert-store.js';
import { autocallsSource } from '../../test/support/intake.js';
import { SilenceWatch } from './silence.js';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2025, 0, 15, 10);
const source = autocallsSource({ expectEveryMs: 2 * HOUR_MS });

function watchFrom(store: FakeAlertStore, aliveUntil: number | null): SilenceWatch {
  const watch = new SilenceWatch(store);
  watch.start(aliveUntil);
  return watch;
}

/** Hours after the start at which a silence is told, looked for every half hour. */
async function toldIn(watch: SilenceWatch, from: number, to: number, sources = [source]): Promise<number[]> {
  const told: number[] = [];
  for (let hour = from; hour <= to; hour += 0.5)
    if ((await watch.find(sources, START + hour * HOUR_MS)).length > 0) told.push(hour);
  return told;
}

describe('SilenceWatch', () => {
  it('tells of a source that was never heard once per expect_every', async () => {
    expect(await toldIn(watchFrom(new FakeAlertStore(), null), 0, 7)).toEqual([2, 4, 6]);
  });

  it('counts from the last event', async () => {
    const store = new FakeAlertStore();
    store.events.set('autocalls', [START + HOUR_MS, START + 1.5 * HOUR_MS]);
    const watch = watchFrom(store, null);
    expect(await toldIn(watch, 0, 4)).toEqual([3.5]);
    store.events.set('autocalls', [START + 4.5 * HOUR_MS]);
    expect(await toldIn(watch, 4.5, 7)).toEqual([6.5]);
  });

  it('asks the store only when a silence may be too long', async () => {
    const store = new FakeAlertStore();
    await toldIn(watchFrom(store, null), 0, 1.5);
    expect(store.eventLookups).toBe(0);
  });

  it('goes on counting after a short absence', async () => {
    const store = new FakeAlertStore();
    await toldIn(watchFrom(store, null), 0, 1);
    const restarted = watchFrom(store, START + HOUR_MS);
    expect(await toldIn(restarted, 1.1, 3.1)).toEqual([2.1]);
  });

  it('begins anew after an absence in which nobody could have been heard', async () => {
    const store = new FakeAlertStore();
    await toldIn(watchFrom(store, null), 0, 1);
    const restarted = watchFrom(store, START + HOUR_MS);
    expect(await toldIn(restarted, 30, 33)).toEqual([32]);
  });

  it('begins anew with a source that was taken out and comes back', async () => {
    const store = new FakeAlertStore();
    const watch = watchFrom(store, null);
    await toldIn(watch, 0, 1);
    await toldIn(watch, 1, 2, []);
    expect([...store.settings.keys()]).toEqual([]);
    expect(await toldIn(watch, 50, 53)).toEqual([52]);
  });

  it('forgets at the start what the configuration no longer expects', async () => {
    const store = new FakeAlertStore();
    store.settings.set('alerts.listening.old-source', '1');
    await toldIn(watchFrom(store, START), 0, 0);
    expect([...store.settings.keys()]).toEqual(['alerts.listening.autocalls']);
  });

  it('says nothing of a source of which nothing is expected', async () => {
    const watch = watchFrom(new FakeAlertStore(), null);
    expect(await toldIn(watch, 0, 100, [autocallsSource()])).toEqual([]);
  });
});
