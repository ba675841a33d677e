import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseWait, type Wait } from '../lib/duration.js';
import { isInside, parseCalendar } from './calendar.js';
import { type AskedTiming, type DuePlan, planDue } from './plan-due.js';

/** A Wednesday, 11:35 in Vienna. */
const from = Date.parse('2026-01-14T10:35:00Z');
const timezone = 'Europe/Vienna';
const office = parseCalendar(
  { open: { 'mon-fri': '09:00-17:30' }, holidays: ['2026-01-16'] },
  timezone,
).calendar;
const campaign = parseCalendar({ open: { 'mon-sun': '10:00-20:00' } }, 'America/New_York').calendar;
const closed = { open: {}, timezone, holidays: [] };

function plan(timing: DuePlan['timing'], further: Partial<DuePlan> = {}) {
  const verdict = planDue({ timing, from, now: from, during: [], timezone, ...further });
  return verdict.is === 'due' ? new Date(verdict.dueAt).toISOString() : `${verdict.is} ${verdict.reason}`;
}

const after = (text: string) => ({ after: parseWait(text) as Wait });
const asked = (text: string, further: Partial<AskedTiming> = {}) => ({
  at: { text, zones: [timezone], ...further },
});

describe('planDue', () => {
  it('counts waits from the call', () => {
    expect(plan({ atOnce: true })).toBe('2026-01-14T10:35:00.000Z');
    expect(plan(after('45m'))).toBe('2026-01-14T11:20:00.000Z');
    expect(plan(after('45m'), { now: from + 3_600_000 })).toBe('2026-01-14T11:35:00.000Z');
  });

  it('counts business days in the window of the action, else from Monday to Friday', () => {
    expect(plan(after('2 business days'))).toBe('2026-01-16T10:35:00.000Z');
    expect(plan(after('2 business days'), { during: [null, office] })).toBe('2026-01-19T10:35:00.000Z');
  });

  it('counts business hours in the window of the action, else from 09:00 to 17:00', () => {
    expect(plan(after('2 business hours'))).toBe('2026-01-14T12:35:00.000Z');
    expect(plan(after('8 business hours'))).toBe('2026-01-15T10:35:00.000Z');
    expect(plan(after('8 business hours'), { during: [null, office] })).toBe('2026-01-15T10:05:00.000Z');
    expect(plan(after('6 business hours'), { during: [closed] })).toBe(
      'held never_open: no time is in sight that lies 6 business hours after the call',
    );
  });

  it('goes out at the next opening when the hours run out at closing time', () => {
    expect(plan(after('355 business minutes'), { during: [office] })).toBe('2026-01-15T08:00:00.000Z');
    expect(plan(after('325 business minutes'))).toBe('2026-01-14T16:00:00.000Z');
  });

  it('moves what falls outside its window into the next one', () => {
    expect(plan(after('8h'), { during: [office] })).toBe('2026-01-15T08:00:00.000Z');
    expect(plan({ atOnce: true }, { during: [null, campaign, office] })).toBe('2026-01-14T15:00:00.000Z');
    expect(plan(after('1m'), { during: [closed] })).toMatch(/^held never_open: /);
  });

  it('reads what the contact asked for', () => {
    expect(plan(asked('tomorrow at 5 pm'))).toBe('2026-01-15T16:00:00.000Z');
    expect(plan(asked('tomorrow at 8 pm'), { during: [office] })).toBe('2026-01-19T08:00:00.000Z');
  });

  it('leaves the hour of a bare day to the window', () => {
    expect(plan(asked('tomorrow'), { during: [office] })).toBe('2026-01-15T08:00:00.000Z');
    expect(plan(asked('today'), { during: [office] })).toBe('2026-01-14T10:35:00.000Z');
  });

  it.each<[AskedTiming['ifPast'], string]>([
    [undefined, '2026-01-14T10:35:00.000Z'],
    ['now', '2026-01-14T10:35:00.000Z'],
    ['skip', 'skipped past_time: "2026-01-13T10:00" is over'],
    ['hold', 'held past_time: "2026-01-13T10:00" is over'],
  ])('with if_past %s', (ifPast, expected) => {
    expect(plan(asked('2026-01-13T10:00', { ifPast }))).toBe(expected);
  });

  it.each<[AskedTiming['ifUnreadable'], string]>([
    [undefined, 'held unreadable_time: "whenever"'],
    ['skip', 'skipped unreadable_time: "whenever"'],
    ['now', '2026-01-14T10:35:00.000Z'],
  ])('with if_unreadable %s', (ifUnreadable, expected) => {
    expect(plan(asked('whenever', { ifUnreadable }))).toBe(expected);
  });

  it.each<[string, Partial<AskedTiming>, string]>([
    ['2026-01-13T10:00', {}, 'at once, since "2026-01-13T10:00" is over: 2026-01-14 11:35 in Europe/Vienna'],
    [
      'whenever',
      { ifUnreadable: 'now' },
      'at once, since its time cannot be told from "whenever": 2026-01-14 11:35 in Europe/Vienna',
    ],
  ])('says why %s is now', (text, further, why) => {
    expect(planDue({ timing: asked(text, further), from, now: from, during: [], timezone })).toMatchObject({
      why,
    });
  });

  it('takes a time that has just gone by for one of now', () => {
    const onlyAhead = asked('in 2 minutes', { ifPast: 'skip' });
    expect(plan(onlyAhead, { now: from + 5 * 60_000 })).toBe('2026-01-14T10:40:00.000Z');
    expect(plan(onlyAhead, { now: from + 60 * 60_000 })).toMatch(/^skipped past_time/);
  });

  it('holds what lies further ahead than allowed', () => {
    expect(plan(asked('2026-02-13T11:00'))).toBe('2026-02-13T10:00:00.000Z');
    expect(plan(asked('2026-02-13T12:00'))).toMatch(/^held too_far_ahead: .* is 30 days after the call$/);
    expect(plan(asked('in 3 hours', { atMostMs: 3_600_000, ifUnreadable: 'now' }))).toMatch(
      /^held too_far_ahead/,
    );
  });

  it('wants one instant, whichever of the possible zones is right', () => {
    const zones = ['Europe/Madrid', 'Atlantic/Canary'];
    expect(plan(asked('in 2 hours', { zones }))).toBe('2026-01-14T12:35:00.000Z');
    expect(plan(asked('2026-01-15T10:00Z', { zones: [] }))).toBe('2026-01-15T10:00:00.000Z');
    expect(plan(asked('tomorrow at 5 pm', { zones }))).toMatch(
      /^held unreadable_time: .* is not the same in Europe/,
    );
    expect(plan(asked('tomorrow at 5 pm', { zones: [] }))).toMatch(/^held unreadable_time: .* not known$/);
  });

  it('says why', () => {
    const verdict = planDue({ timing: after('8h'), from, now: from, during: [office], timezone: 'UTC' });
    expect(verdict).toMatchObject({
      why: '8 h after the call; moved into the next window: 2026-01-15 09:00 in Europe/Vienna',
    });
  });

  it.each([
    ['1 business hour', '1 business hour after the call: 2026-01-14 12:35 in Europe/Vienna'],
    ['90 business minutes', '90 business minutes after the call: 2026-01-14 13:05 in Europe/Vienna'],
    ['1 business day', '1 business day after the call: 2026-01-15 11:35 in Europe/Vienna'],
  ])('says why after %s', (written, why) => {
    expect(planDue({ timing: after(written), from, now: from, during: [], timezone })).toMatchObject({ why });
  });

  it('never throws, and is due inside its window and not before now', () => {
    const timing = fc.oneof(
      fc.record({
        after: fc.record({ in: fc.constant('ms' as const), ms: fc.integer({ min: 0, max: 1e13 }) }),
      }),
      fc.record({
        after: fc.record({
          in: fc.constant('business_days' as const),
          days: fc.integer({ min: 0, max: 9999 }),
        }),
      }),
      fc.record({
        after: fc.record({
          in: fc.constant('business_hours' as const),
          ms: fc.integer({ min: 0, max: 1e10 }),
        }),
      }),
      fc.string().map((text) => asked(text)),
      fc.constantFrom('tomorrow at 5', 'Sunday', 'in 3 days', '2026-01-20').map((text) => asked(text)),
    );
    fc.assert(
      fc.property(timing, fc.constantFrom(office, campaign), fc.nat(1e9), (one, window, sinceMs) => {
        const now = from + sinceMs;
        const verdict = planDue({ timing: one, from, now, during: [window], timezone });
        if (verdict.is === 'due') expect(verdict.dueAt >= now && isInside(window, verdict.dueAt)).toBe(true);
      }),
    );
  });
});
