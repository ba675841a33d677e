import { describe, expect, it } from '@jest/globals';
import { checkHistory, holds } from './check-history.js';
import { type Findings, type History } from './history.js';

const CALL = '700001';
const NOTHING: Findings = { lost: [], doubledKeyed: [], doubledUnkeyed: [], violations: [] };

/** One call, forwarded to a keyed destination and told to an unkeyed one, each once. */
function goodHistory(): History {
  const delivery = { eventId: 'event', action: 'send', state: 'delivered', dueAt: 0 };
  const attempt = { outcome: 'delivered', httpStatus: 200 };
  const request = { callId: CALL, hash: 'bytes', taken: true, time: 100 };
  return {
    answered: [{ callId: CALL, hash: 'bytes' }],
    events: [{ id: 'event', callId: CALL, hash: 'bytes' }],
    deliveries: [
      { ...delivery, id: 'one', rule: 'forward', destination: 'keyed' },
      { ...delivery, id: 'two', rule: 'tell', destination: 'unkeyed' },
    ],
    attempts: [
      { ...attempt, deliveryId: 'one' },
      { ...attempt, deliveryId: 'two' },
    ],
    seen: [
      { ...request, destination: 'keyed', key: 'aftercall-one' },
      { ...request, destination: 'unkeyed', key: null, hash: 'text' },
    ],
    doubts: new Map(),
    expectations: {
      firedFor: () => ['forward.send', 'tell.send'],
      keyed: new Set(['keyed']),
      forwarded: new Set(['keyed']),
      mayDie: new Set(['refusing']),
    },
    now: 1_000,
  };
}

/** What is found after one change to a good history. */
function findAfter(change: (history: History) => void): Findings {
  const history = goodHistory();
  change(history);
  return checkHistory(history);
}

const again = (history: History, nth: number, changes: Partial<History['seen'][number]> = {}) => {
  const request = history.seen[nth];
  if (request) history.seen.push({ ...request, ...changes });
};

describe('checkHistory', () => {
  it('finds nothing in a history without a fault', () => {
    expect(checkHistory(goodHistory())).toEqual(NOTHING);
    expect(holds(NOTHING)).toBe(true);
  });

  it('finds an answered call that is not stored', () => {
    const { lost } = findAfter((history) => history.answered.push({ callId: '9', hash: 'x' }));
    expect(lost).toEqual(['call 9 was answered with 2xx and is not in the store']);
  });

  it('forgives a missing call that retention may have removed, unless it was still to be sent', () => {
    const remove = (history: History) => {
      history.answered.push({ callId: '9', hash: 'x' });
      again(history, 0, { callId: '9' });
      const destinationOf = { 'forward.send': 'keyed', 'tell.send': 'unkeyed' };
      history.expectations = { ...history.expectations, mayBeGone: new Set(['9']), destinationOf };
    };
    const { lost } = findAfter(remove);
    expect(lost).toEqual(['call 9 was removed before tell.send was sent']);
    const sent = findAfter((history) => {
      remove(history);
      again(history, 1, { callId: '9' });
    });
    expect(sent).toEqual(NOTHING);
  });

  it('finds a call that is stored twice, and one whose bytes were changed', () => {
    const twice = findAfter((history) => history.events.push({ id: 'e2', callId: CALL, hash: 'bytes' }));
    expect(twice.violations).toContain(`call ${CALL} is stored 2 times`);
    const changed = findAfter((history) => (history.answered = [{ callId: CALL, hash: 'others' }]));
    expect(changed.violations).toEqual([`call ${CALL} is stored with other bytes than were posted`]);
  });

  it('finds an action without a delivery, one that no rule fired, and one planned twice', () => {
    const missing = findAfter((history) => {
      history.deliveries.pop();
      history.attempts.pop();
      history.seen.pop();
    });
    expect(missing.lost).toEqual([`call ${CALL} has no delivery for tell.send`]);
    const unasked = findAfter(({ deliveries: [first] }) => Object.assign(first ?? {}, { rule: 'other' }));
    expect(unasked.violations).toEqual([`call ${CALL} has other.send, which no rule fired`]);
    const twice = findAfter((history) => {
      const [first] = history.deliveries;
      if (first) history.deliveries.push({ ...first, id: 'three', state: 'skipped' });
    });
    expect(twice.violations).toContain(`call ${CALL} has 2 deliveries for forward.send`);
  });

  it('finds rows whose owner is gone', () => {
    const found = findAfter((history) => {
      history.events = [];
      history.answered = [];
      history.seen = [];
      history.deliveries.shift();
    });
    expect(found.violations).toContain('delivery two belongs to no event');
    expect(found.violations).toContain('attempts at one belong to no delivery');
  });

  it.each([
    ['sending', 0, [`call ${CALL} to keyed is left sending`]],
    ['pending', 500, [`call ${CALL} to keyed is left pending`]],
    ['held', 0, [`call ${CALL} to keyed is left held`]],
    ['dead', 0, [`call ${CALL} to keyed is dead`]],
    ['pending', 5_000, []],
    ['canceled', 0, []],
  ])('takes a delivery that is %s and due at %i for what it is', (state, dueAt, lost) => {
    const found = findAfter(({ deliveries: [first] }) => Object.assign(first ?? {}, { state, dueAt }));
    expect(found.lost).toEqual(lost);
  });

  it('lets deliveries die where their destination refuses everything', () => {
    const found = findAfter((history) => {
      Object.assign(history.deliveries[0] ?? {}, { state: 'dead', destination: 'refusing' });
      Object.assign(history.seen[0] ?? {}, { destination: 'refusing' });
    });
    expect(found).toEqual(NOTHING);
  });

  it('finds a request that nothing asked for', () => {
    const { violations } = findAfter((history) => again(history, 0, { callId: '9' }));
    expect(violations).toEqual(['keyed was sent call 9, which nothing asked for']);
  });

  it('allows repeats under one key and finds a second effect under another', () => {
    const repeated = findAfter((history) => {
      again(history, 0);
      history.doubts = new Map([['one', 1]]);
    });
    expect(repeated).toEqual(NOTHING);
    const doubled = findAfter((history) => {
      again(history, 0, { key: 'fresh' });
      history.doubts = new Map([['one', 1]]);
    });
    expect(doubled.doubledKeyed).toEqual([`call ${CALL} to keyed had 2 effects`]);
    expect(doubled.violations).toEqual([`call ${CALL} to keyed was sent 1 times under another key`]);
  });

  it('lists repeats at an unkeyed destination and allows as many as there were doubts', () => {
    const twice = (history: History) => again(history, 1);
    const allowed = findAfter((history) => {
      twice(history);
      history.doubts = new Map([['two', 1]]);
    });
    const sentence = `call ${CALL} to unkeyed was taken 2 times, with 1 doubts`;
    expect(allowed).toEqual({ ...NOTHING, doubledUnkeyed: [sentence] });
    expect(holds(allowed)).toBe(true);
    const unknown = findAfter((history) => {
      twice(history);
      history.attempts.push({ deliveryId: 'two', outcome: 'unknown', httpStatus: null });
    });
    expect(unknown).toEqual({ ...NOTHING, doubledUnkeyed: [sentence] });
    expect(holds(findAfter(twice))).toBe(false);
  });

  it('finds bytes that change between attempts or differ from what is stored', () => {
    const changing = findAfter((history) => {
      again(history, 1, { hash: 'other text', taken: false });
      history.doubts = new Map([['two', 1]]);
    });
    expect(changing.violations).toEqual([`call ${CALL} to unkeyed was sent with 2 different bodies`]);
    const other = findAfter(({ seen: [first] }) => Object.assign(first ?? {}, { hash: 'other' }));
    expect(other.violations).toEqual([`call ${CALL} to keyed was sent with other bytes than are stored`]);
  });

  it('finds gaps between the attempts on record and the log of the destination', () => {
    const unrecorded = findAfter((history) => again(history, 0));
    expect(unrecorded.violations).toEqual([
      `call ${CALL} to keyed was seen 2 times; 1 attempts are accounted for`,
    ]);
    const unseen = findAfter((history) => history.seen.shift());
    expect(unseen.lost).toEqual([`call ${CALL} to keyed is delivered on record and was never taken`]);
    expect(unseen.violations).toEqual([`call ${CALL} to keyed has 1 answers on record and was seen 0 times`]);
    const unproven = findAfter(({ attempts: [first] }) => Object.assign(first ?? {}, { outcome: 'unknown' }));
    expect(unproven.violations).toEqual([
      `call ${CALL} to keyed is delivered without an attempt that says so`,
    ]);
  });

  it('finds a request that comes before the time the destination asked for', () => {
    const after = (time: number) =>
      findAfter((history) => {
        Object.assign(history.seen[1] ?? {}, { holdOffUntil: 7_000 });
        again(history, 1, { time, taken: false, holdOffUntil: undefined });
        history.doubts = new Map([['two', 1]]);
      }).violations;
    expect(after(6_000)).toEqual([`unkeyed was sent call ${CALL} 1000 ms before it allowed to`]);
    expect(after(7_000)).toEqual([]);
  });
});
