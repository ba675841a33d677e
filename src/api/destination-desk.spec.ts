import { beforeEach, describe, expect, it } from '@jest/globals';
import { type LiveConfig } from '../config/live.js';
import { type LaneStatus } from '../delivery/lanes.js';
import { DestinationDesk } from './destination-desk.js';

const NOW = Date.parse('2026-11-24T09:00:00Z');

let settings: Record<string, string | null>;
let paused: Set<string>;
let desk: DestinationDesk;

const open: LaneStatus = {
  ...{
    name: 'crm',
    state: 'open',
    reason: 'server_error',
    since: NOW - 1000,
    opensAt: NOW + 5000,
    running: 1,
  },
};

beforeEach(() => {
  settings = {};
  paused = new Set();
  const destinations = new Map(
    ['crm', 'mail'].map((name) => [name, { name, enabled: true, adapter: { kind: 'http' } }]),
  );
  desk = new DestinationDesk({
    store: {
      putSetting: (key, value) => {
        settings[key] = value;
        return Promise.resolve();
      },
    },
    live: { current: () => ({ config: { destinations } }) } as unknown as LiveConfig,
    clock: { now: () => NOW },
    lanes: {
      lanes: () => [
        open,
        {
          ...open,
          name: 'mail',
          state: paused.has('mail') ? 'paused' : 'ready',
          reason: null,
          since: null,
          opensAt: null,
        },
      ],
      setPaused: (name, isPaused) => void (isPaused ? paused.add(name) : paused.delete(name)),
    },
  });
});

describe('destinations', () => {
  it('are listed with what their lanes do', () => {
    expect(desk.list()).toEqual([
      {
        ...{ name: 'crm', kind: 'http', enabled: true, state: 'open', reason: 'server_error', running: 1 },
        ...{ since: '2026-11-24T08:59:59.000Z', next_at: '2026-11-24T09:00:05.000Z' },
      },
      expect.objectContaining({ name: 'mail', state: 'ready', since: null, next_at: null }),
    ]);
  });

  it('are paused and resumed, which the store keeps', async () => {
    expect(await desk.pause('mail')).toMatchObject({ name: 'mail', state: 'paused' });
    expect(settings).toEqual({ 'destination.mail.paused': '2026-11-24T09:00:00.000Z' });
    settings = {};
    expect(await desk.pause('mail')).toMatchObject({ state: 'paused' });
    expect(settings).toEqual({});
    expect(await desk.resume('mail')).toMatchObject({ state: 'ready' });
    expect(settings).toEqual({ 'destination.mail.paused': null });
  });

  it('that are not configured are refused', async () => {
    await expect(desk.pause('x')).rejects.toMatchObject({ status: 'not_found' });
    await expect(desk.resume('x')).rejects.toMatchObject({ status: 'not_found' });
    expect(settings).toEqual({});
  });
});
