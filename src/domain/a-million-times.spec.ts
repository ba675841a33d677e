import { expect, it } from '@jest/globals';
import { PrintedClocks } from '../../test/support/printed-clocks.js';
import { type JsonObject } from '../lib/json.js';
import { type CalendarContent, parseCalendar, WEEKDAYS } from './calendar.js';
import { campaignHours } from './campaign-hours.js';
import { type ContactVerdict, mayReach } from './contact-gate.js';
import { CONTACT_CHANNELS, DEFAULT_CONTACT_LIMITS } from './contact-limits.js';
import { type DuePlan, planDue } from './plan-due.js';
import { type ContactHours, DEFAULT_CONTACT_HOURS } from './quiet-hours.js';

/**
 * A million follow-ups over two years, twenty zones with their changes of the clock, holidays, campaigns, quiet hours
 * and contacts that ask to be left alone. What was decided is checked by means of its own: offsets that the engine
 * prints, Easter by the rule of Gauss, and for some of them a walk by minutes.
 */
const FOLLOW_UPS = 1_000_000;
const WALKED = 2_000;
/** The share of windows that are kept by another zone than the contact's; many of these never meet its hours. */
const FAR_WINDOWS = 0.05;
const SEED = 20_260_101;

/** Looking up a global is slow within a test, and this one does little else. */
const { floor, imul } = Math;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const FIRST_DAY = Date.parse('2026-01-01T00:00:00Z') / DAY_MS;
const CALL_DAYS = 700;
/** Waits, closed weeks and windows that meet rarely reach beyond the last call. */
const DAYS = CALL_DAYS + 500;

const ZONES =
  `UTC Europe/Vienna Europe/London Europe/Lisbon Europe/Helsinki Africa/Casablanca Africa/Johannesburg Asia/Dubai
  Asia/Kathmandu Asia/Kolkata Asia/Tokyo Australia/Sydney Australia/Lord_Howe Pacific/Auckland Pacific/Honolulu
  America/New_York America/Los_Angeles America/St_Johns America/Sao_Paulo America/Phoenix`.split(/\s+/);

const clocks = new PrintedClocks(ZONES, FIRST_DAY, DAYS);

const HOURS: ContactHours = {
  ...DEFAULT_CONTACT_HOURS,
  countries: { US: openHours({ 'mon-fri': '09:00-20:00', sat: '10:00-18:00' }) },
  zones: { 'Asia/Tokyo': openHours({ 'mon-sun': ['00:30-03:30', '10:00-19:00'] }) },
};

it('puts none of a million follow-ups outside its window, and reaches none that is on the list', () => {
  const random = generator(SEED);
  const windows = makeWindows(random);
  const stops = makeStops(random);
  const seen = { go: 0, skipped: 0, held: 0, moved: 0, onChangeOfClock: 0 };
  const wrong: string[] = [];

  for (let i = 0; i < FOLLOW_UPS; i += 1) {
    const one = makeFollowUp(random, windows, stops);
    const { verdict, at } = run(one);
    seen[verdict.is as 'go' | 'skipped' | 'held'] += 1;
    if (verdict.is !== 'go') continue;
    if (at > one.notBefore) seen.moved += 1;
    if (one.zones.some((zone) => clocks.changesOn(zone, at))) seen.onChangeOfClock += 1;
    if (at < one.notBefore || at >= one.stoppedAt || !isAllowed(one, at)) wrong.push(describe(one, at));
    if (i % (FOLLOW_UPS / WALKED) === 0 && at !== walk(one))
      wrong.push(`not the first: ${describe(one, at)}`);
  }

  expect(wrong.slice(0, 5)).toEqual([]);
  expect(seen.go).toBeGreaterThan(FOLLOW_UPS / 2);
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(FOLLOW_UPS / 1000);
}, 60_000);

interface FollowUp {
  plan: DuePlan;
  /** The time its timing asks for, before any window. */
  notBefore: number;
  window: CalendarContent | null;
  zones: string[];
  country: string;
  channel: (typeof CONTACT_CHANNELS)[number];
  /** When the contact asks to be left alone; `Infinity` for most. */
  stoppedAt: number;
}

/** Planned, then asked when due, and again after every wait, as a server would. */
function run({ plan, zones, country, window, channel, stoppedAt }: FollowUp): {
  verdict: ContactVerdict;
  at: number;
} {
  const due = planDue(plan);
  if (due.is !== 'due') return { verdict: { is: due.is, reason: 'never_open' }, at: 0 };
  for (let now = due.dueAt, waits = 0; ; waits += 1) {
    const verdict = mayReach({
      now,
      channel,
      zone: { zones, from: zones.length > 1 ? 'phone' : 'field' },
      country,
      hours: HOURS,
      windows: window === null ? [] : [window],
      stopped: now >= stoppedAt,
      reached: [],
      limits: DEFAULT_CONTACT_LIMITS,
      consent: 'not_required',
      endedAt: plan.from,
      receivedAt: plan.from,
    });
    if (verdict.is !== 'wait') return { verdict, at: now };
    if (waits > 0 || verdict.until <= now)
      throw new Error(`waits again after ${new Date(now).toISOString()}`);
    now = verdict.until;
  }
}

function makeFollowUp(random: () => number, windows: Windows, stops: number[]): FollowUp {
  const pick = <T>(list: readonly T[]): T => list[floor(random() * list.length)] as T;
  const from = FIRST_DAY * DAY_MS + floor(random() * CALL_DAYS * DAY_MS);
  const zone = pick(ZONES);
  const window = pick(windows.get(random() < FAR_WINDOWS ? pick(ZONES) : zone) ?? []);
  const waitMs = floor(random() ** 3 * 30 * DAY_MS);
  const asksForTime = random() < 0.2;
  const notBefore = from + waitMs;
  return {
    plan: {
      timing: asksForTime
        ? { at: { text: isoText(notBefore), zones: [zone] } }
        : { after: { in: 'ms', ms: waitMs } },
      from,
      now: from,
      during: [null, window],
      timezone: zone,
    },
    notBefore,
    window,
    zones: random() < 0.1 ? [...new Set([zone, pick(ZONES)])] : [zone],
    country: pick(['AT', 'US']),
    channel: pick(CONTACT_CHANNELS),
    stoppedAt: pick(stops),
  };
}

/** By zone; some actions have none. */
type Windows = Map<string, (CalendarContent | null)[]>;

function makeWindows(random: () => number): Windows {
  const office = {
    open: { 'mon-fri': ['09:00-12:00', '13:00-17:30'], sat: '10:00-14:00' },
    holidays: ['2026-12-24'],
  };
  const late = { open: { 'fri-sun': ['01:30-02:30', '07:45-09:00'], 'mon-thu': '18:00-24:00' } };
  const windowsIn = (zone: string) => [
    ...Array.from({ length: 4 }, () => campaignHours(makeCampaign(random), zone)),
    parseCalendar({ ...office, holidays_of: 'AT' }, zone).calendar,
    parseCalendar(office, zone).calendar,
    parseCalendar(late, zone).calendar,
    null,
  ];
  return new Map(ZONES.map((zone) => [zone, windowsIn(zone)]));
}

function makeCampaign(random: () => number): JsonObject {
  const from = floor(random() * 24);
  const to = (from + 3 + floor(random() * 12)) % 24;
  return {
    allowed_hours_start_time: `${from}:00`,
    allowed_hours_end_time: `${to}:30`,
    allowed_days: WEEKDAYS.filter(() => random() < 0.7),
  };
}

/** One contact in twenty asks to be left alone, at some time. */
function makeStops(random: () => number): number[] {
  return Array.from({ length: 5_000 }, () =>
    random() < 0.05 ? FIRST_DAY * DAY_MS + floor(random() * CALL_DAYS * DAY_MS) : Infinity,
  );
}

function isAllowed({ zones, country, window }: FollowUp, at: number): boolean {
  const openIn = (zone: string) => HOURS.zones[zone] ?? HOURS.countries[country] ?? HOURS.default;
  const isContactHour = zones.every((zone) =>
    clocks.isOpen({ open: openIn(zone), timezone: zone, holidays: [] }, at),
  );
  return isContactHour && (window === null || clocks.isOpen(window, at));
}

/** The first allowed minute at or after the time asked for. */
function walk(one: FollowUp): number {
  let at = one.notBefore;
  while (!isAllowed(one, at)) at = (floor(at / MINUTE_MS) + 1) * MINUTE_MS;
  return at;
}

function describe(one: FollowUp, at: number): string {
  return JSON.stringify({
    at: isoText(at),
    notBefore: isoText(one.notBefore),
    zones: one.zones,
    window: one.window,
  });
}

function isoText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function openHours(open: Record<string, unknown>): CalendarContent['open'] {
  return parseCalendar({ open }, 'UTC').calendar.open;
}

/** Numbers from 0 to 1, the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
