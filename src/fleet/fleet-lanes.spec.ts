import { beforeEach, describe, expect, it } from '@jest/globals';
import { pausedKey } from '../domain/destination-settings.js';
import { type LaneReport, type StoredProcess } from '../store/store.js';
import { FleetLanes, lanesToTell, mergeLanes } from './fleet-lanes.js';

const NOW = Date.parse('2025-01-15T10:35:00.000Z');

function lane(name: string, state: string, running = 0): LaneReport {
  return { name, state, reason: null, since: NOW, opensAt: null, running };
}

function processWith(...lanes: LaneReport[]): StoredProcess {
  const who = { id: 'p', role: 'worker', host: 'h', version: '1', ruleSet: 'r', startedAt: 0, seenAt: NOW };
  return { ...who, lanes };
}

describe('mergeLanes', () => {
  it('lets the worst state stand for a destination, and adds up what is under way', () => {
    const merged = mergeLanes([
      lane('a', 'ready', 2),
      lane('a', 'open', 1),
      lane('a', 'waiting'),
      lane('b', 'ready', 1),
    ]);
    expect(merged).toEqual([lane('a', 'open', 3), lane('b', 'ready', 1)]);
  });
});

describe('lanesToTell', () => {
  it('leaves out those of which there is nothing to say', () => {
    expect(lanesToTell([lane('a', 'ready'), lane('b', 'ready', 1), lane('c', 'paused')])).toEqual([
      lane('b', 'ready', 1),
      lane('c', 'paused'),
    ]);
  });
});

describe('FleetLanes', () => {
  let others: StoredProcess[];
  let lanes: FleetLanes;
  beforeEach(() => {
    others = [];
    lanes = new FleetLanes({
      clock: { now: () => NOW },
      own: () => [lane('a', 'ready', 1)],
      others: () => others,
    });
  });

  it('shows a pause at once that this process asked for, though it delivers nothing itself', () => {
    lanes.setPaused('mail', true);
    expect(lanes.lanes()).toEqual([lane('a', 'ready', 1), lane('mail', 'paused')]);
    lanes.setPaused('mail', false);
    expect(lanes.lanes()).toEqual([lane('a', 'ready', 1)]);
  });

  it('follows pauses that others asked for, and believes no process that was not told of the end of one', () => {
    others = [processWith(lane('mail', 'paused', 3))];
    expect(lanes.lanes()).toContainEqual({ ...lane('mail', 'ready', 3), since: null });
    lanes.followPauses({ [pausedKey('mail')]: '2025-01-15T10:00:00.000Z' });
    const since = Date.parse('2025-01-15T10:00:00.000Z');
    expect(lanes.lanes()).toContainEqual({ ...lane('mail', 'paused', 3), since });
  });
});
