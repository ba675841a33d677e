import {
  Expression,
  type FilteredValueToken,
  type Liquid,
  type LiquidError,
  Token,
  TokenKind,
  Tokenizer,
  TypeGuards,
} from 'liquidjs';
import { nearest } from '../lib/nearest.js';
import { filterNames, RANGE_FILTER } from './filters.js';

type FilterToken = NonNullable<ReturnType<Tokenizer['readFilter']>>;
type RangeToken = Exclude<NonNullable<ReturnType<Tokenizer['readGroupOrRange']>>, FilteredValueToken>;

/** Filters of other Liquids that are missing here on purpose, and why. */
const REFUSED_FILTERS: Record<string, string> = {
  where_exp: 'expressions are never read from values; use `where`',
  reject_exp: 'expressions are never read from values; use `reject`',
  find_exp: 'expressions are never read from values; use `find`',
  escape_once: 'outputs are escaped for their field anyway',
  hmac_sha256: 'templates hold no secrets',
};

/**
 * Reads expressions more strictly than Liquid does: unknown filters and tables, values without an operator
 * between them and text after the end are errors with a position, and ranges become bounded.
 */
export class StrictTokenizer extends Tokenizer {
  constructor(
    input: string,
    range: [number, number],
    private readonly liquid: Liquid,
    private readonly tables: readonly string[],
  ) {
    super(input, liquid.options.operators, undefined, range);
  }

  override readFilteredValue(): FilteredValueToken {
    const begin = this.p;
    const token = super.readFilteredValue();
    if (countResults(token.initial) !== 1)
      throw this.error('an operator or `|` is missing between two values', begin);
    return token;
  }

  override readFilter(): FilterToken | null {
    const filter = super.readFilter();
    if (!filter) return null;
    if (!(filter.name in this.liquid.filters)) throw this.#unknownFilter(filter);
    if (filter.name === 'lookup') this.#checkLookup(filter);
    return filter;
  }

  override readGroupOrRange(): FilteredValueToken | RangeToken | undefined {
    const token = super.readGroupOrRange();
    return token && TypeGuards.isRangeToken(token) ? new BoundedRangeToken(token) : token;
  }

  /** Called where nothing may follow any more. */
  expectEnd(): void {
    this.skipBlank();
    if (!this.end()) throw this.error(`unexpected ${this.snapshot()}`);
  }

  #unknownFilter({ name, begin }: FilterToken): LiquidError {
    const why = Object.hasOwn(REFUSED_FILTERS, name) ? REFUSED_FILTERS[name] : undefined;
    if (why) return this.error(`the filter \`${name}\` is not available: ${why}`, begin);
    return this.error(`unknown filter \`${name}\`${hint(name, filterNames(this.liquid))}`, begin);
  }

  #checkLookup(filter: FilterToken): void {
    const [table] = filter.args;
    if (!table)
      throw this.error("`lookup` needs the name of a table, as in `lookup: 'team_of'`", filter.begin);
    if (Array.isArray(table) || !TypeGuards.isQuotedToken(table)) return;
    if (this.tables.includes(table.content)) return;
    throw this.error(`unknown table \`${table.content}\`${hint(table.content, this.tables)}`, table.begin);
  }
}

export function hint(word: string, known: readonly string[]): string {
  const name = nearest(word, known);
  return name === null ? '' : `; did you mean \`${name}\`?`;
}

/** More than one is left over when an operator is missing. */
function countResults({ postfix }: Expression): number {
  let count = 0;
  for (const token of postfix) {
    if (!TypeGuards.isOperatorToken(token)) count += 1;
    else if (token.operator !== 'not') count -= 1;
  }
  return count;
}

/**
 * `(low..high)` read as `low` put through a filter: the engine's own ranges loop for ever beyond 2^53, where
 * adding one changes nothing, and are counted only by their ends.
 */
class BoundedRangeToken extends Token {
  readonly initial: Expression;
  readonly filters: FilterToken[];

  constructor(range: RangeToken) {
    super(TokenKind.FilteredValue, range.input, range.begin, range.end);
    this.initial = new Expression([range.lhs]);
    const { input, begin, end } = range;
    const filter = { name: RANGE_FILTER, args: [range.rhs], kind: TokenKind.Filter, input, begin, end };
    this.filters = [Object.assign(Object.create(Token.prototype) as Token, filter)];
  }
}
