import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeAlertStore } from '../../test/support/fake-alert-store.js';
import { autocallsSource } from '../../test/support/intake.js';
import { type AlertConfig, type SourceConfig } from '../config/config.js';
import { type LiveRuleSet } from '../config/live.js';
import { type Decision } from '../domain/decision.js';
import { type Trouble } from '../store/store.js';
import { AlertWatcher } from './alert-watcher.js';
import { laneOpened } from './describe-signal.js';

const START = Date.UTC(2025, 0, 15, 10);
const HOUR_MS = 3_600_000;
const everything: AlertConfig = { to: 'ops', with: {}, on: null };

/** `opt-out` stops the contact. */
const RULES = new Map([
  ['hot-lead', { actions: [{ do: 'message' }] }],
  ['opt-out', { actions: [{ do: 'contact.stop' }] }],
]);

let store: FakeAlertStore;
let alerts: AlertConfig[];
let sources: SourceConfig[];
let raised: number;
let passedOver: [string, number][];
let failures: unknown[];
let watchers: AlertWatcher[];

beforeEach(() => {
  jest.useFakeTimers({ now: START });
  store = new FakeAlertStore();
  alerts = [everything];
  sources = [];
  raised = 0;
  passedOver = [];
  failures = [];
  watchers = [];
});

afterEach(async () => {
  for (const watcher of watchers) await watcher.stop();
  jest.useRealTimers();
});

async function started(): Promise<AlertWatcher> {
  const config = () => ({ alerts, sources: new Map(sources.map((source) => [source.name, source])) });
  const watcher = new AlertWatcher({
    store,
    live: { current: () => ({ config: config(), rules: RULES }) as unknown as LiveRuleSet },
    clock: { now: () => Date.now() },
    onRaised: () => (raised += 1),
    onPassedOver: (reason, count) => passedOver.push([reason, count]),
    onTrouble: (error) => failures.push(error),
  });
  watchers.push(watcher);
  await watcher.start();
  return watcher;
}

function happens(changes: Partial<Trouble & { at: number }> = {}): void {
  const trouble = { reason: 'dead' as const, name: 'crm', rule: 'hot-lead', why: 'timeout', count: 1 };
  store.troubles.push({ ...trouble, exampleId: '01', at: Date.now(), ...changes });
}

const later = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const told = () => store.alerts.map(({ entry, cause, count }) => [entry, cause, count]);

describe('AlertWatcher', () => {
  it('tells a death a few seconds later, once', async () => {
    await started();
    happens();
    await later(60_000);
    expect(told()).toEqual([[0, 'dead crm timeout', 1]]);
    expect(raised).toBe(1);
  });

  it('tells one cause once an hour though deliveries go on dying, and counts what it passes over', async () => {
    await started();
    for (let minute = 0; minute < 90; minute += 1) {
      happens();
      await later(60_000);
    }
    expect(told()).toHaveLength(2);
    expect(passedOver.reduce((sum, [, count]) => sum + count, 0)).toBe(88);
    expect(new Set(passedOver.map(([reason]) => reason))).toEqual(new Set(['dead']));
  });

  it('makes one line of each cause for each entry that wants it', async () => {
    alerts = [everything, { to: 'mail', with: {}, on: ['held', 'quarantined'] }];
    await started();
    happens();
    happens({ rule: 'missed-call' });
    happens({ reason: 'held', why: 'missing: lead' });
    await later(15_000);
    expect(told().sort()).toEqual([
      [0, 'dead crm timeout', 2],
      [0, 'held crm hot-lead missing', 1],
      [1, 'held crm hot-lead missing', 1],
    ]);
  });

  it('says nothing about what happened before the very first start', async () => {
    happens({ at: START - HOUR_MS });
    await started();
    await later(60_000);
    expect(told()).toEqual([]);
  });

  it('goes on where a killed process was, and loses nothing in between', async () => {
    const first = await started();
    await later(30_000);
    happens();
    store.failure = new Error('killed here');
    await first.stop();
    await later(HOUR_MS);
    store.failure = null;
    await started();
    await later(5_000);
    expect(told()).toEqual([[0, 'dead crm timeout', 1]]);
  });

  it('writes the cursor once a minute while nothing happens', async () => {
    await started();
    const puts = jest.spyOn(store, 'putSetting');
    await later(10 * 60_000);
    expect(puts.mock.calls.length).toBeLessThanOrEqual(10);
    expect(Number(store.settings.get('alerts.cursor'))).toBeGreaterThan(START + 8 * 60_000);
  });

  it('tells what was noted, and keeps it while the store is out of order', async () => {
    const watcher = await started();
    store.failure = new Error('disk full');
    watcher.note(laneOpened('crm', 'timeout'));
    await later(60_000);
    watcher.note(laneOpened('crm', 'timeout'));
    watcher.note(laneOpened('mail', 'unauthorized'));
    await later(60_000);
    expect(told()).toEqual([]);
    expect(failures.length).toBeGreaterThan(0);
    store.failure = null;
    await later(5_000);
    expect(told()).toEqual([
      [0, 'destination_open crm', 2],
      [0, 'unauthorized mail', 1],
    ]);
  });

  it('tells of a destination that an alert of ours opened only when deliveries wait for it', async () => {
    const watcher = await started();
    const opened = { change: 'opened' as const, why: 'timeout', byAlert: true };
    watcher.laneChanged({ destination: 'mail', ...opened });
    watcher.laneChanged({ destination: 'crm', ...opened });
    watcher.laneChanged({ destination: 'crm', change: 'closed', why: 'delivered', byAlert: true });
    await later(60_000);
    expect(told()).toEqual([]);
    store.waitedFor = ['crm', 'mail'];
    await later(60_000);
    expect(told()).toEqual([[0, 'destination_open mail', 1]]);
  });

  it('puts what was noted into the store before it stops', async () => {
    const watcher = await started();
    watcher.note(laneOpened('crm', 'timeout'));
    await watcher.stop();
    expect(told()).toEqual([[0, 'destination_open crm', 1]]);
  });

  it.each(['undecided', 'error'] as const)(
    'tells at once of a rule that stops contacts and ended %s',
    async (verdict) => {
      const watcher = await started();
      const decision = (rule: string, shadow = false): Decision => ({ rule, verdict, shadow, because: [] });
      watcher.observe([decision('hot-lead'), decision('opt-out', true)]);
      await later(5_000);
      expect(told()).toEqual([]);
      watcher.observe([decision('opt-out'), decision('hot-lead')]);
      await later(5_000);
      expect(told()).toEqual([[0, 'stop_undecided opt-out', 1]]);
    },
  );

  it('tells of a rule that is often undecided', async () => {
    const watcher = await started();
    const undecided: Decision = { rule: 'hot-lead', verdict: 'undecided', shadow: false, because: [] };
    for (let call = 0; call < 5; call += 1) watcher.observe([undecided]);
    await later(HOUR_MS);
    expect(told()).toEqual([[0, 'undecided hot-lead', 5]]);
  });

  it('tells of a silent source', async () => {
    sources = [autocallsSource({ expectEveryMs: 2 * HOUR_MS })];
    await started();
    await later(3 * HOUR_MS);
    expect(told()).toEqual([[0, 'silent_source autocalls', 1]]);
  });

  it('leaves no hole when the clock is set back', async () => {
    await started();
    await later(HOUR_MS);
    jest.setSystemTime(START);
    happens({ at: START + 1_000 });
    await later(15_000);
    expect(told()).toEqual([[0, 'dead crm timeout', 1]]);
  });

  it('looks for nothing while nobody is to be told, and begins with the first entry', async () => {
    alerts = [];
    const watcher = await started();
    const search = jest.spyOn(store, 'findTrouble');
    watcher.note(laneOpened('crm', 'timeout'));
    happens();
    await later(60_000);
    expect(search).not.toHaveBeenCalled();
    expect(store.settings.size).toBe(0);
    alerts = [everything];
    await later(5_000);
    happens({ name: 'mail' });
    await later(15_000);
    expect(told()).toEqual([[0, 'dead mail timeout', 1]]);
  });
});
