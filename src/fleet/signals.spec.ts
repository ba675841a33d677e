import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pausedKey } from '../domain/destination-settings.js';
import { Signals } from './signals.js';

class SettingStore {
  isShared = true;
  settings: Record<string, string> = {};
  findSettings(prefix: string): Promise<Record<string, string>> {
    const found = Object.entries(this.settings).filter(([key]) => key.startsWith(prefix));
    return Promise.resolve(Object.fromEntries(found));
  }
  putSetting(key: string, value: string | null): Promise<void> {
    if (value !== null) this.settings[key] = value;
    return Promise.resolve();
  }
}

let store: SettingStore;
const started: Signals[] = [];

async function newSignals() {
  const probed: string[] = [];
  const heard: Record<string, string>[] = [];
  const signals = new Signals({
    ...{ store, clock: { now: () => Date.now() } },
    onSettings: (settings) => heard.push(settings),
    onProbe: (destinations) => probed.push(...destinations),
    onTrouble: (error) => {
      throw error;
    },
  });
  started.push(signals);
  await signals.start();
  return { signals, probed, heard };
}

beforeEach(() => {
  jest.useFakeTimers({ now: 1_736_937_300_000 });
  store = new SettingStore();
});
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
  jest.useRealTimers();
});

describe('Signals', () => {
  it('tells every other process within a second which destinations a person asked to look at, once', async () => {
    const [asker, other] = [await newSignals(), await newSignals()];
    await asker.signals.probe(['crm', 'mail']);
    await jest.advanceTimersByTimeAsync(5_000);
    expect([asker.probed, other.probed]).toEqual([[], ['crm', 'mail']]);
    await asker.signals.probe(['crm']);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(other.probed).toEqual(['crm', 'mail', 'crm']);
  });

  it('takes what was asked for before its start for old', async () => {
    await (await newSignals()).signals.probe(['crm']);
    const late = await newSignals();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(late.probed).toEqual([]);
  });

  it('tells of the pauses at its start and every second', async () => {
    store.settings = { [pausedKey('crm')]: 'x', 'alerts.cursor': '5' };
    const { heard } = await newSignals();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(heard).toEqual(Array(3).fill({ [pausedKey('crm')]: 'x' }));
  });

  it('asks once, and tells nobody, on a store of its own', async () => {
    store.isShared = false;
    const { signals, heard } = await newSignals();
    await signals.probe(['crm']);
    await jest.advanceTimersByTimeAsync(5_000);
    expect([heard, store.settings]).toEqual([[{}], {}]);
  });
});
