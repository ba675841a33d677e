import { type CalendarContent } from '../../domain/calendar.js';
import { type Because } from '../../domain/decision.js';
import { type Tables } from '../rule.js';

export interface LogicOptions {
  /** What comparisons do without data: `undecided` (default), or what json-logic-js does. */
  missing?: 'undecided' | 'as-null';
  tables?: Tables;
  calendars?: Record<string, CalendarContent>;
  /** IANA zone of times that name none, and of `hour` and `weekday` without a zone. Default UTC. */
  timezone?: string;
}

export type LogicContext = Required<LogicOptions>;

export function contextOf(options: LogicOptions = {}): LogicContext {
  return { missing: 'undecided', tables: {}, calendars: {}, timezone: 'UTC', ...options };
}

export type Run = (data: unknown) => unknown;

/** One part of a compiled rule. Every part can be run by itself, which is how rules are explained. */
export interface LogicNode {
  /** Null for a literal or a list. */
  operator: string | null;
  operands: LogicNode[];
  run: Run;
  /** A literal has its value here. */
  literal?: { value: unknown };
  /** Path of a `var` or `exists` that is written out. */
  path: string | null;
  /** Loops or makes new texts or lists: needs a budget, and may throw LogicBudgetError. */
  isCostly: boolean;
  /** Reads the whole call from wherever it stands. */
  readsRoot: boolean;
}

/** A reason why an operator found its operands unusable: which operand, or which path of the call. */
export type Blame = { operand: number; problem: string } | Because;

export interface Operator {
  build(operands: LogicNode[], context: LogicContext): Run;
  isCostly?: boolean;
  readsRoot?: boolean;
  /** Why it is undecided although none of its operands is. */
  blame?(values: unknown[], context: LogicContext): Blame[];
}

/** An operator of ours, as a function of its operands' values. */
export type FurtherFunction = (...values: unknown[]) => unknown;

export interface FurtherOperator extends Omit<Operator, 'build'> {
  /** Number of operands: least and most. */
  arity: readonly [number, number];
  /** How it is written, for messages. */
  usage: string;
  /** The operands are given for what is written out in them, to be prepared once. */
  prepare: (context: LogicContext, operands: readonly LogicNode[]) => FurtherFunction;
}
