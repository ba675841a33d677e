import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isInside, parseCalendar } from './calendar.js';
import { type ContactQuestion, mayReach } from './contact-gate.js';
import { CONTACT_CHANNELS, DEFAULT_CONTACT_LIMITS } from './contact-limits.js';
import { type ContactZone } from './contact-zone.js';
import { contactCalendars, DEFAULT_CONTACT_HOURS } from './quiet-hours.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Wednesday, 10:15 in New York. */
const now = Date.parse('2026-03-11T14:15:00Z');
const newYork: ContactZone = { zones: ['America/New_York'], from: 'phone' };
const coasts: ContactZone = { zones: ['America/New_York', 'Pacific/Honolulu'], from: 'phone' };
const office = parseCalendar({ open: { 'mon-fri': '09:00-17:00' } }, 'Europe/Vienna').calendar;

function ask(further: Partial<ContactQuestion> = {}) {
  return mayReach({
    now,
    channel: 'call',
    zone: newYork,
    country: 'US',
    hours: DEFAULT_CONTACT_HOURS,
    windows: [],
    stopped: false,
    reached: [],
    limits: DEFAULT_CONTACT_LIMITS,
    consent: 'not_required',
    endedAt: now - HOUR_MS,
    receivedAt: now - HOUR_MS,
    ...further,
  });
}

const until = (further: Partial<ContactQuestion>) => {
  const verdict = ask(further);
  return verdict.is === 'wait' ? `${new Date(verdict.until).toISOString()} ${verdict.reason}` : verdict;
};

describe('mayReach', () => {
  it('lets go, and names the zone, its time and who told it', () => {
    expect(ask()).toEqual({
      is: 'go',
      why: '2026-03-11 10:15 in America/New_York, told by the phone number',
    });
    expect(ask({ consent: true, endedAt: null }).is).toBe('go');
  });

  it.each<[Partial<ContactQuestion>, string]>([
    [{ stopped: true }, 'skipped stopped'],
    [{ stopped: true, zone: null, consent: 'missing' }, 'skipped stopped'],
    [{ consent: false }, 'skipped no_consent'],
    [{ consent: 'missing' }, 'held consent_missing'],
    [{ zone: null }, 'held zone_unknown'],
    [{ zone: { zones: [], from: 'phone' } }, 'held zone_unknown'],
    [{ endedAt: now - 3 * DAY_MS, receivedAt: now }, 'skipped too_old: told 3 days after the call ended'],
    [
      { endedAt: now - 2 * HOUR_MS, receivedAt: now, maxAgeMs: HOUR_MS },
      'skipped too_old: told 2 h after the call ended',
    ],
    [
      { windows: [{ ...office, open: {} }] },
      'held never_open: no hour suits America/New_York and its windows',
    ],
  ])('refuses %j', (further, expected) => {
    const verdict = ask(further);
    expect('reason' in verdict && `${verdict.is} ${verdict.reason}`).toBe(expected);
  });

  it('reaches a contact days after a call that was told in time', () => {
    expect(ask({ endedAt: now - 9 * DAY_MS, receivedAt: now - 9 * DAY_MS }).is).toBe('go');
  });

  it('waits for the hours of the contact', () => {
    expect(until({ now: Date.parse('2026-03-11T02:00:00Z') })).toBe(
      '2026-03-11T12:00:00.000Z quiet_hours: 2026-03-10 22:00 in America/New_York, told by the phone number',
    );
  });

  it('waits until all zones allow where the contact may be', () => {
    expect(until({ zone: coasts })).toMatch(
      /^2026-03-11T18:00:00.000Z quiet_hours: .*New_York, .*Honolulu, told/,
    );
  });

  it('waits for its window, and for hours and window together', () => {
    const closedAt = Date.parse('2026-03-11T16:30:00Z');
    expect(until({ now: closedAt, windows: [office] })).toMatch(/^2026-03-12T12:00:00.000Z outside_window: /);
  });

  it('waits until a limit frees, into hours that are allowed', () => {
    const reached = [1, 2, 12].map((hours) => ({ at: now - hours * HOUR_MS, channel: 'call' as const }));
    expect(until({ reached })).toBe('2026-03-12T12:00:00.000Z contact_limit: 3 (call) is used up');
    expect(ask({ reached, channel: 'sms' }).is).toBe('go');
    expect(ask({ reached, longestWaitMs: HOUR_MS })).toEqual({
      is: 'skipped',
      reason: 'contact_limit: 3 (call) is used up for 12 h',
    });
  });

  it('names a few of many zones', () => {
    const many: ContactZone = {
      zones: ['UTC', 'Europe/London', 'Europe/Dublin', 'Europe/Lisbon'],
      from: 'source',
    };
    expect(ask({ zone: many })).toMatchObject({
      why: expect.stringMatching(/Dublin and 1 more zones, told by the source$/),
    });
  });

  it('lets nobody on the list through, and nothing at a closed hour', () => {
    const zone = fc.constantFrom<ContactZone | null>(
      newYork,
      coasts,
      { zones: ['Asia/Kathmandu'], from: 'field' },
      null,
    );
    const reached = fc.array(
      fc.record({
        at: fc.integer({ min: now - 8 * DAY_MS, max: now }),
        channel: fc.constantFrom(...CONTACT_CHANNELS),
      }),
      { maxLength: 8 },
    );
    const question = fc.record({
      now: fc.integer({ min: now, max: now + 300 * DAY_MS }),
      channel: fc.constantFrom(...CONTACT_CHANNELS),
      zone,
      windows: fc.constantFrom([], [office]),
      stopped: fc.boolean(),
      reached,
      consent: fc.constantFrom<ContactQuestion['consent']>(true, false, 'missing', 'not_required'),
      endedAt: fc.option(fc.integer({ min: now - 2 * DAY_MS, max: now })),
    });
    fc.assert(
      fc.property(question, (asked) => {
        const verdict = ask(asked);
        if (asked.stopped) expect(verdict).toEqual({ is: 'skipped', reason: 'stopped' });
        if (verdict.is !== 'go' && verdict.is !== 'wait') return;
        const at = verdict.is === 'go' ? asked.now : verdict.until;
        const calendars = contactCalendars(DEFAULT_CONTACT_HOURS, asked.zone?.zones ?? [], 'US');
        expect([...calendars, ...asked.windows].every((calendar) => isInside(calendar, at))).toBe(true);
        if (verdict.is === 'wait') {
          expect(at).toBeGreaterThan(asked.now);
          expect(ask({ ...asked, now: at }).is).toBe('go');
        }
      }),
      { numRuns: 300 },
    );
  });
});
