import { RE2JS } from 're2js';
import { type ExpectedAction, type RuleTest } from '../config/rule-test.js';
import { isJsonObject, type Json } from '../lib/json.js';
import { type SimulatedAction, type Simulation } from './simulation.js';

/** One expectation that did not hold; both sides as words or values. */
export interface Mismatch {
  path: string;
  expected: Json;
  actual: Json;
}

type Expect = RuleTest['expect'];

/** Everything in which a simulation is not what a test expects; empty when it is. Pure. */
export function findMismatches(expect: Expect, simulation: Simulation): Mismatch[] {
  return [
    ...checkFired(expect, simulation),
    ...Object.entries(expect.undecided).flatMap(([rule, paths]) => checkUndecided(rule, paths, simulation)),
    ...Object.entries(expect.because).flatMap(([rule, paths]) => checkBecause(rule, paths, simulation)),
    ...Object.entries(expect.actions).flatMap(([name, action]) => checkAction(name, action, simulation)),
  ];
}

function checkFired({ fired, notFired }: Expect, { decisions }: Simulation): Mismatch[] {
  const actual = decisions
    .filter(({ verdict, shadow }) => verdict === 'fired' && !shadow)
    .map(({ rule }) => rule);
  const isSame = fired === null || sorted(fired).join('\n') === sorted(actual).join('\n');
  const mismatches = isSame ? [] : [{ path: 'fired', expected: sorted(fired), actual: sorted(actual) }];
  const unwanted = notFired.filter((rule) => actual.includes(rule));
  const refused = unwanted.map((rule) => ({
    path: `not_fired ${rule}`,
    expected: 'not fired',
    actual: 'fired',
  }));
  return [...mismatches, ...refused];
}

function checkUndecided(rule: string, paths: readonly string[], simulation: Simulation): Mismatch[] {
  const verdict = simulation.decisions.find((decision) => decision.rule === rule)?.verdict ?? 'not evaluated';
  const path = `undecided ${rule}`;
  if (verdict !== 'undecided') return [{ path, expected: 'undecided', actual: verdict }];
  return checkPaths(path, rule, paths, simulation);
}

function checkBecause(rule: string, paths: readonly string[], simulation: Simulation): Mismatch[] {
  return checkPaths(`because ${rule}`, rule, paths, simulation);
}

/** The paths must be among those that the decision names. */
function checkPaths(
  path: string,
  rule: string,
  paths: readonly string[],
  { decisions }: Simulation,
): Mismatch[] {
  const because = decisions.find((decision) => decision.rule === rule)?.because ?? [];
  const actual = sorted([...new Set(because.map((reason) => reason.path))]);
  return paths.every((each) => actual.includes(each)) ? [] : [{ path, expected: sorted(paths), actual }];
}

function checkAction(name: string, expected: ExpectedAction, { actions }: Simulation): Mismatch[] {
  const action = actions.find((each) => `${each.rule}.${each.action}` === name);
  if (!action) return [{ path: `actions ${name}`, expected: 'an action', actual: 'not planned' }];
  const { due_at: dueAt, with: input, ...plain } = expected;
  return [
    ...Object.entries(plain).flatMap(([key, value]) =>
      compare(`actions ${name} ${key}`, value, action[key as keyof SimulatedAction]),
    ),
    ...(dueAt === undefined ? [] : compareTimes(`actions ${name} due_at`, dueAt, action.due_at)),
    ...(input === undefined ? [] : compare(`actions ${name} with`, input, action.with)),
  ];
}

/** `2025-01-15T11:35:00+01:00` and `2025-01-15T10:35:00.000Z` are the same moment. */
function compareTimes(path: string, expected: string, actual: string): Mismatch[] {
  if (Date.parse(expected) === Date.parse(actual)) return [];
  return [{ path, expected, actual: onClockOf(expected, actual) }];
}

/** The same moment as `expected` is written, so that the two can be compared by eye. */
function onClockOf(expected: string, actual: string): string {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(expected) ?? [];
  if (sign === undefined) return actual;
  const offsetMs = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  const wall = new Date(Date.parse(actual) + offsetMs).toISOString().replace(/(\.000)?Z$/, '');
  return `${wall}${sign}${hours}:${minutes}`;
}

/** What a test may say instead of the value itself. */
const OPERATORS: Record<string, (actual: Json | undefined, operand: Json) => boolean> = {
  contains: (actual, operand) =>
    Array.isArray(actual) ? hasItem(actual, operand) : textOf(actual).includes(textOf(operand)),
  starts_with: (actual, operand) => textOf(actual).startsWith(textOf(operand)),
  ends_with: (actual, operand) => textOf(actual).endsWith(textOf(operand)),
  matches: (actual, operand) => RE2JS.compile(textOf(operand)).matcher(textOf(actual)).find(),
  exists: (actual, operand) => (actual !== undefined && actual !== null) === (operand === true),
  not: (actual, operand) => compare('', operand, actual).length > 0,
};

/** Mappings are compared in part, lists item by item, everything else must be equal. */
function compare(path: string, expected: Json, actual: Json | undefined): Mismatch[] {
  if (isOperators(expected)) return compareByOperators(path, expected, actual);
  if (isJsonObject(expected) && isJsonObject(actual))
    return Object.entries(expected).flatMap(([key, value]) =>
      compare(`${path}.${key}`, value, Object.hasOwn(actual, key) ? actual[key] : undefined),
    );
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length)
    return expected.flatMap((item, i) => compare(`${path}[${i}]`, item, actual[i]));
  return expected === actual ? [] : [{ path, expected, actual: actual ?? null }];
}

function isOperators(expected: Json): expected is Record<string, Json> {
  if (!isJsonObject(expected)) return false;
  const keys = Object.keys(expected);
  return keys.length > 0 && keys.every((key) => Object.hasOwn(OPERATORS, key));
}

function compareByOperators(
  path: string,
  expected: Record<string, Json>,
  actual: Json | undefined,
): Mismatch[] {
  const failed = Object.entries(expected).filter(([key, operand]) => !OPERATORS[key]?.(actual, operand));
  return failed.map(([key, operand]) => ({ path, expected: { [key]: operand }, actual: actual ?? null }));
}

function hasItem(list: readonly Json[], wanted: Json): boolean {
  return list.some((item) => compare('', wanted, item).length === 0);
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function sorted(names: readonly string[]): string[] {
  return [...names].sort();
}
