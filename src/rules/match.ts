import { isJsonObject, type Json, type JsonObject } from '../lib/json.js';
import { nearest } from '../lib/nearest.js';
import { type LogicFinding, LogicError, type LogicProblem } from './logic/errors.js';
import { type LogicOptions } from './logic/node.js';
import { forbiddenSegment } from './logic/path.js';
import { patternProblem } from './logic/pattern.js';
import { type Logic } from './rule.js';

const COMPARISONS = ['>', '>=', '<', '<='];
const TEXT_TESTS = ['contains', 'starts_with', 'ends_with'];
const OPERATORS = ['not', 'exists', ...TEXT_TESTS, 'matches', ...COMPARISONS, 'inside', 'outside'];

/** Names that people try first. */
const MEANT: Record<string, string> = {
  '=': 'the value itself',
  '==': 'the value itself',
  equals: 'the value itself',
  is: 'the value itself',
  in: 'a list of values',
  any_of: 'a list of values',
  '!=': '`not`',
  '!': '`not`',
  is_not: '`not`',
  not_in: '`not` with a list',
  regex: '`matches`',
};

/**
 * The JSON Logic that a `match` stands for, line by line.
 * @throws LogicError when it cannot be read; see {@link checkMatch}
 */
export function matchToLogic(match: Json): Logic {
  const translation = new Translation();
  const logic = translation.match(match, '');
  if (translation.problems.length > 0) throw new LogicError(translation.problems);
  return logic;
}

/** What is wrong with a `match`. Paths lead from its top, e.g. `status` or `[1].duration`. */
export function checkMatch(match: Json, { calendars = {} }: LogicOptions = {}): LogicFinding[] {
  const translation = new Translation(Object.keys(calendars));
  translation.match(match, '');
  return translation.problems.map((problem) => ({ ...problem, severity: 'error' }));
}

function variable(path: string): Logic {
  return { var: path };
}

function joinedBy(operator: 'and' | 'or', parts: Logic[]): Logic {
  return parts.length === 1 ? (parts[0] as Logic) : { [operator]: parts };
}

class Translation {
  readonly problems: LogicProblem[] = [];

  /** Without calendars, their names are not checked. */
  constructor(private readonly calendars?: string[]) {}

  match(match: Json, place: string): Logic {
    if (match === 'everything') return true;
    if (Array.isArray(match)) return this.#alternatives(match, place);
    if (!isJsonObject(match))
      return this.#problem(place, 'expected a map of paths and values, a list of such maps, or `everything`');
    const lines = Object.entries(match);
    if (lines.length === 0)
      return this.#problem(place, 'is empty; to match every call write `match: everything`');
    return joinedBy(
      'and',
      lines.flatMap(([path, wanted]) => this.#line(path, wanted, place === '' ? path : `${place}.${path}`)),
    );
  }

  #alternatives(maps: Json[], place: string): Logic {
    if (maps.length === 0)
      return this.#problem(place, 'is empty; to match every call write `match: everything`');
    const parts = maps.map((map, i) =>
      isJsonObject(map)
        ? this.match(map, `${place}[${i}]`)
        : this.#problem(`${place}[${i}]`, 'expected a map of paths and values'),
    );
    return joinedBy('or', parts);
  }

  #line(path: string, wanted: Json, place: string): Logic[] {
    const forbidden = forbiddenSegment(path);
    if (forbidden !== null)
      return [this.#problem(place, `\`${forbidden}\` leads out of the data of the call`)];
    if (path.split('.').includes(''))
      return [this.#problem(place, 'expected a path such as extracted_variables.lead_quality')];
    return this.#wanted(path, wanted, place);
  }

  /** One value, any of a list, or operators that must all hold. */
  #wanted(path: string, wanted: Json, place: string): Logic[] {
    if (isJsonObject(wanted)) return this.#operators(path, wanted, place);
    if (Array.isArray(wanted)) return [this.#anyOf(path, wanted, place)];
    return [{ same: [variable(path), this.#value(wanted, place)] }];
  }

  #anyOf(path: string, wanted: Json[], place: string): Logic {
    if (wanted.length === 0) return this.#problem(place, 'is an empty list, which nothing can meet');
    const values = wanted.flatMap((one, i) =>
      isJsonObject(one) ? [] : [this.#value(one, `${place}[${i}]`)],
    );
    const parts: Logic[] = values.length > 0 ? [{ same: [variable(path), values] }] : [];
    wanted.forEach((one, i) => {
      if (isJsonObject(one)) parts.push(joinedBy('and', this.#operators(path, one, `${place}[${i}]`)));
    });
    return joinedBy('or', parts);
  }

  #value(value: Json, place: string): Json {
    if (value === null)
      return this.#problem(place, 'a missing value equals nothing; write `{ exists: false }`');
    if (typeof value === 'string' && value.trim() === '')
      return this.#problem(place, 'empty text counts as missing; write `{ exists: false }`');
    if (typeof value === 'object') return this.#problem(place, 'expected a text, a number, true or false');
    return value;
  }

  #operators(path: string, operators: JsonObject, place: string): Logic[] {
    const entries = Object.entries(operators);
    if (entries.length === 0)
      return [this.#problem(place, `is empty; expected a value or one of ${OPERATORS.join(', ')}`)];
    return entries.map(([name, operand]) => this.#operator(path, name, operand, `${place}.${name}`));
  }

  #operator(path: string, name: string, operand: Json, place: string): Logic {
    if (name === 'not') return this.#not(path, operand, place);
    if (name === 'exists') return this.#exists(path, operand, place);
    if (COMPARISONS.includes(name)) return this.#comparison(path, name, operand, place);
    if (TEXT_TESTS.includes(name)) return { [name]: [variable(path), this.#oneOrMore(operand, place)] };
    if (name === 'matches') return this.#pattern(path, operand, place);
    if (name === 'inside' || name === 'outside') return this.#calendar(path, name, operand, place);
    return this.#problem(place, unknownOperator(path, name));
  }

  #oneOrMore(operand: Json, place: string): Json {
    if (!Array.isArray(operand)) return this.#value(operand, place);
    if (operand.length === 0) return this.#problem(place, 'is an empty list, which nothing can meet');
    return operand.map((one, i) => this.#value(one, `${place}[${i}]`));
  }

  /** `not_same` with nothing is undecided on a missing value and true otherwise: it guards the `!`. */
  #not(path: string, operand: Json, place: string): Logic {
    if (!isJsonObject(operand)) return { not_same: [variable(path), this.#oneOrMore(operand, place)] };
    if (Object.hasOwn(operand, 'exists'))
      return this.#problem(`${place}.exists`, 'cannot stand below `not`; write `exists: false`');
    const inner = joinedBy('and', this.#operators(path, operand, place));
    return { and: [{ not_same: [variable(path), []] }, { '!': [inner] }] };
  }

  #exists(path: string, operand: Json, place: string): Logic {
    if (typeof operand !== 'boolean') return this.#problem(place, 'expected true or false');
    const exists = { exists: [path, 'not_empty'] };
    return operand ? exists : { '!': [exists] };
  }

  /** Beside a text (a date, say), empty text would be the smallest of all; it counts as missing here. */
  #comparison(path: string, name: string, operand: Json, place: string): Logic {
    if (typeof operand !== 'number' && typeof operand !== 'string')
      return this.#problem(place, 'expected a number, or a text such as "2025-01-31"');
    const bound = this.#value(operand, place);
    if (typeof bound === 'number') return { [name]: [variable(path), bound] };
    const given = { if: [{ exists: [path, 'not_empty'] }, variable(path), null] };
    return { [name]: [given, bound] };
  }

  #pattern(path: string, operand: Json, place: string): Logic {
    for (const pattern of [operand].flat()) {
      const problem = patternProblem(pattern);
      if (problem !== null) this.#problem(place, problem);
    }
    return { matches: [variable(path), operand] };
  }

  #calendar(path: string, name: 'inside' | 'outside', operand: Json, place: string): Logic {
    if (typeof operand !== 'string') return this.#problem(place, 'expected the name of a calendar');
    if (this.calendars && !this.calendars.includes(operand)) {
      const near = nearest(operand, this.calendars);
      const hint = near === null ? '' : `; did you mean \`${near}\`?`;
      return this.#problem(place, `no calendar is called \`${operand}\`${hint}`);
    }
    const inside = { inside: [variable(path), operand] };
    return name === 'inside' ? inside : { '!': [inside] };
  }

  /** Notes a problem; what it returns stands in for the part that cannot be read. */
  #problem(path: string, message: string): null {
    this.problems.push({ path, message });
    return null;
  }
}

function unknownOperator(path: string, name: string): string {
  const meant = Object.hasOwn(MEANT, name) ? MEANT[name] : undefined;
  const near = nearest(name, OPERATORS);
  const hint = meant ?? (near === null ? null : `\`${near}\``);
  if (hint !== null) return `unknown operator \`${name}\`; did you mean ${hint}?`;
  return `unknown operator \`${name}\`; expected one of ${OPERATORS.join(', ')}; a field below it is written \`${path}.${name}: …\``;
}
