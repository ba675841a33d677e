import { expect, it } from '@jest/globals';
import { contactFacts, type ContactHistory } from './contact-facts.js';

const DAY_MS = 86_400_000;

const history: ContactHistory = {
  ...{ calls: 4, missed: 2, lastStatus: 'busy', lastAt: Date.UTC(2026, 2, 10), openFollowUps: 1 },
  within: new Map([
    ['24h', { windowMs: DAY_MS, calls: 1, missed: 1 }],
    ['7d', { windowMs: 7 * DAY_MS, calls: 3, missed: 1 }],
  ]),
};

it('counts the call itself with the others of the contact', () => {
  expect(contactFacts(history, { isMissed: true, ageMs: 0 })).toEqual({
    ...{ calls: 5, missed: 3, calls_24h: 2, missed_24h: 2, calls_7d: 4, missed_7d: 2 },
    ...{ last_status: 'busy', last_at: '2026-03-10T00:00:00.000Z', open_follow_ups: 1 },
  });
});

it('counts it no more in a window that it has left', () => {
  expect(contactFacts(history, { isMissed: false, ageMs: 2 * DAY_MS })).toMatchObject({
    ...{ calls: 5, missed: 2, calls_24h: 1, missed_24h: 1, calls_7d: 4, missed_7d: 1 },
  });
});

it('leaves what never was as nothing', () => {
  const facts = contactFacts({ ...history, lastStatus: null, lastAt: null }, { isMissed: false, ageMs: 0 });
  expect(facts).toMatchObject({ last_status: null, last_at: null });
});
