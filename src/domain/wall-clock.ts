import { IANAZone } from 'luxon';

/**
 * A time on the wall of a zone, written as the milliseconds that the same date and time has in UTC. Days and
 * weekdays are plain arithmetic on it, and calendars never ask the engine for a single minute.
 */
export type WallTimeMs = number;

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;

/** A stretch of time with one offset from UTC; the end is exclusive. Milliseconds since the epoch. */
export interface OffsetSpan {
  fromMs: number;
  toMs: number;
  offsetMs: number;
}

/** Zones change their offset twice a year, or in a few weeks (Morocco); no two changes lie within this. */
const STEP_MS = 2 * DAY_MS;
/** What is looked at and remembered in one piece, about a year: 180 questions to the engine. */
const PIECE_MS = 180 * STEP_MS;
/** The year 9892: whatever lies beyond is no time for a contact, and dates would soon end. */
const LAST_MS = 250_000_000_000_000;
const ZONES_REMEMBERED = 1_000;
const PIECES_REMEMBERED = 1_000;
const remembered = new Map<string, Map<number, OffsetSpan[]>>();

/** Every calendar with holidays asks for the same few days. */
const DAYS_REMEMBERED = 5_000;
const dayTexts = new Map<number, string>();

/** Asked for many times for every due time; taken once, as looking up a global is slow in some surroundings. */
const { floor } = Math;

/** Whether an instant is near enough for the functions of this file and those built on them. */
export function isInRange(timeMs: number): boolean {
  return timeMs > -LAST_MS && timeMs < LAST_MS;
}

/** The stretch of equal offset around an instant, cut at the borders of pieces of about a year. */
export function offsetSpanAt(timeMs: number, zone: string): OffsetSpan {
  const piece = floor(clamp(timeMs) / PIECE_MS);
  const spans = spansOf(zone, piece);
  for (const span of spans) if (timeMs < span.toMs) return span;
  return spans.at(-1) as OffsetSpan;
}

/** What the clock on the wall of a zone shows at an instant. */
export function wallTimeOf(timeMs: number, zone: string): WallTimeMs {
  return timeMs + offsetSpanAt(timeMs, zone).offsetMs;
}

/**
 * The first instant at which the clock on the wall shows this time. A time that daylight saving leaves out runs
 * at the next valid minute; of one that comes twice it is the first.
 */
export function instantOf(wallTimeMs: WallTimeMs, zone: string): number {
  let span = offsetSpanAt(wallTimeMs - DAY_MS, zone);
  while (wallTimeMs - span.offsetMs >= span.toMs && span.toMs < LAST_MS) span = offsetSpanAt(span.toMs, zone);
  return Math.max(span.fromMs, wallTimeMs - span.offsetMs);
}

/** Whole days since 1970-01-01 on the wall. */
export function dayNumberOf(wallTimeMs: WallTimeMs): number {
  return floor(wallTimeMs / DAY_MS);
}

/** `YYYY-MM-DD` of a day number. */
export function dayText(dayNumber: number): string {
  const known = dayTexts.get(dayNumber);
  if (known !== undefined) return known;
  if (dayTexts.size >= DAYS_REMEMBERED) dayTexts.clear();
  const text = new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
  dayTexts.set(dayNumber, text);
  return text;
}

/** `YYYY-MM-DD HH:MM`, as people read it on the wall of the zone. */
export function wallText(timeMs: number, zone: string): string {
  const wallMs = wallTimeOf(timeMs, zone);
  const day = dayNumberOf(wallMs);
  const minute = floor((wallMs - day * DAY_MS) / MINUTE_MS);
  return `${dayText(day)} ${twoDigits(floor(minute / 60))}:${twoDigits(minute % 60)}`;
}

function spansOf(zone: string, piece: number): OffsetSpan[] {
  const pieces = remembered.get(zone) ?? new Map<number, OffsetSpan[]>();
  const known = pieces.get(piece);
  if (known) return known;
  if (remembered.size >= ZONES_REMEMBERED) remembered.clear();
  if (pieces.size >= PIECES_REMEMBERED) pieces.clear();
  const spans = findSpans(IANAZone.create(zone), piece * PIECE_MS);
  remembered.set(zone, pieces.set(piece, spans));
  return spans;
}

function findSpans(zone: IANAZone, fromMs: number): OffsetSpan[] {
  const spans: OffsetSpan[] = [{ fromMs, toMs: fromMs + PIECE_MS, offsetMs: offsetAt(zone, fromMs) }];
  for (let timeMs = fromMs; timeMs < fromMs + PIECE_MS; timeMs += STEP_MS) {
    const last = spans.at(-1) as OffsetSpan;
    const offsetMs = offsetAt(zone, timeMs + STEP_MS);
    if (offsetMs === last.offsetMs) continue;
    const changeMs = findChange(zone, timeMs, timeMs + STEP_MS);
    if (changeMs >= fromMs + PIECE_MS) continue;
    last.toMs = changeMs;
    spans.push({ fromMs: changeMs, toMs: fromMs + PIECE_MS, offsetMs });
  }
  return spans;
}

/** The first instant, to the minute, that has the offset of the end. */
function findChange(zone: IANAZone, fromMs: number, toMs: number): number {
  const after = offsetAt(zone, toMs);
  let low = fromMs;
  let high = toMs;
  while (high - low > MINUTE_MS) {
    const middle = low + floor((high - low) / MINUTE_MS / 2) * MINUTE_MS;
    if (offsetAt(zone, middle) === after) high = middle;
    else low = middle;
  }
  return high;
}

function offsetAt(zone: IANAZone, timeMs: number): number {
  return Math.round(zone.offset(timeMs) * MINUTE_MS);
}

function twoDigits(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}

function clamp(timeMs: number): number {
  if (timeMs < -LAST_MS) return -LAST_MS;
  return timeMs > LAST_MS ? LAST_MS : timeMs;
}
