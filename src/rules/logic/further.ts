import { isInside, weekdayOf } from '../../domain/calendar.js';
import { ownProperty } from '../../lib/json.js';
import { isMissing, toText } from './coerce.js';
import { frame } from './frame.js';
import { type Blame, type FurtherOperator, type LogicContext } from './node.js';
import { containsItem, isAbsent, listOf, meansAnyOf, sameTester, textTester } from './people.js';
import { patternTester } from './pattern.js';
import { hourIn, instantOf, isZone } from './time.js';
import { UNDECIDED } from './undecided.js';

const same: FurtherOperator = {
  arity: [2, 2],
  usage: '{"same": [value, value or list of them]}',
  prepare: (_, [, alternatives]) =>
    alternatives?.literal ? sameTester(listOf(alternatives.literal.value)) : meansAnyOf,
};

/** Nothing is known of a missing value, not even that it differs. */
const notSame: FurtherOperator = {
  arity: [2, 2],
  usage: '{"not_same": [value, value or list of them]}',
  prepare: () => (a, b) => (isAbsent(a) || isAbsent(b) ? UNDECIDED : !meansAnyOf(a, b)),
  blame: (values) =>
    values.flatMap((value, operand) => (isAbsent(value) ? [{ operand, problem: 'missing' }] : [])),
};

/** Literal alternatives are made ready once; those that are read from the call, on every run. */
function textOperator(name: string, test: (text: string, part: string) => boolean): FurtherOperator {
  return {
    arity: [2, 2],
    usage: `{"${name}": [text, part or list of them]}`,
    prepare: (_, [, parts]) => textTester(test, parts?.literal ? listOf(parts.literal.value) : null),
  };
}

const containsText = textOperator('contains', (text, part) => text.includes(part));

/** A part of a text, or an item of a list. */
const contains: FurtherOperator = {
  ...containsText,
  prepare(context, operands) {
    const inText = containsText.prepare(context, operands);
    return (value, parts) => (Array.isArray(value) ? containsItem(value, parts) : inText(value, parts));
  },
};

const lower: FurtherOperator = {
  arity: [1, 1],
  usage: '{"lower": [text]}',
  prepare: () => (value) => {
    if (isMissing(value)) return null;
    const text = toText(value).toLowerCase();
    frame.produce(text.length);
    return text;
  },
};

/** The pattern is written out, so that it is compiled, and found wrong, once. */
const matches: FurtherOperator = {
  arity: [2, 2],
  usage: '{"matches": [text, "pattern"]}',
  isCostly: true,
  prepare: (_, [, patterns]) => patternTester(patterns?.literal?.value),
};

/** The row of a table, or what the third operand says (null without one). */
const lookup: FurtherOperator = {
  arity: [2, 3],
  usage: '{"lookup": ["table", key]}',
  prepare:
    ({ tables }) =>
    (table, key, otherwise = null) => {
      const rows = Object.hasOwn(tables, toText(table)) ? tables[toText(table)] : undefined;
      return isMissing(key) ? otherwise : (ownProperty(rows, toText(key)) ?? otherwise);
    },
};

function ofTime(usage: string, read: (timeMs: number, zone: string) => unknown): FurtherOperator {
  return {
    arity: [1, 2],
    usage,
    prepare:
      ({ timezone }) =>
      (time, zone = timezone) => {
        if (typeof zone !== 'string' || !isZone(zone)) return UNDECIDED;
        const timeMs = instantOf(time, zone);
        return timeMs === null ? UNDECIDED : read(timeMs, zone);
      },
    blame([time, zone], { timezone }) {
      const where = zone === undefined ? timezone : zone;
      if (typeof where !== 'string' || !isZone(where))
        return [{ operand: 1, problem: isMissing(where) ? 'missing' : 'unknown_zone' }];
      return blameTime(time, where);
    },
  };
}

function blameTime(time: unknown, zone: string): Blame[] {
  if (isAbsent(time)) return [{ operand: 0, problem: 'missing' }];
  return instantOf(time, zone) === null ? [{ operand: 0, problem: 'not_a_time' }] : [];
}

/** Counted to `received_at` of the call, so that an old event is decided the same way again. */
const minutesSince: FurtherOperator = {
  arity: [1, 1],
  usage: '{"minutes_since": [time]}',
  readsRoot: true,
  prepare:
    ({ timezone }) =>
    (time) => {
      const from = instantOf(time, timezone);
      const until = instantOf(ownProperty(frame.root, 'received_at'), timezone);
      return from === null || until === null ? UNDECIDED : (until - from) / 60_000;
    },
  blame([time], { timezone }) {
    const received = blameTime(ownProperty(frame.root, 'received_at'), timezone);
    const ofReceived = received.map(({ problem }) => ({ path: 'received_at', problem }));
    return [...blameTime(time, timezone), ...ofReceived];
  },
};

const inside: FurtherOperator = {
  arity: [2, 2],
  usage: '{"inside": [time, "calendar"]}',
  prepare:
    ({ calendars }) =>
    (time, name) => {
      const calendar = Object.hasOwn(calendars, toText(name)) ? calendars[toText(name)] : undefined;
      const timeMs = calendar ? instantOf(time, calendar.timezone) : null;
      return calendar && timeMs !== null ? isInside(calendar, timeMs) : UNDECIDED;
    },
  blame([time, name], { calendars }: LogicContext) {
    const calendar = calendars[toText(name)];
    return calendar ? blameTime(time, calendar.timezone) : [{ operand: 1, problem: 'unknown_calendar' }];
  },
};

/** Operators beyond json-logic-js. `exists` reads paths and stands with `var`. */
export const FURTHER: Record<string, FurtherOperator> = {
  same,
  not_same: notSame,
  contains,
  starts_with: textOperator('starts_with', (text, part) => text.startsWith(part)),
  ends_with: textOperator('ends_with', (text, part) => text.endsWith(part)),
  lower,
  matches,
  lookup,
  hour: ofTime('{"hour": [time, "Europe/Vienna"]}', hourIn),
  weekday: ofTime('{"weekday": [time, "Europe/Vienna"]}', weekdayOf),
  minutes_since: minutesSince,
  inside,
};
