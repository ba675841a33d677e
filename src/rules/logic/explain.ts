import { type Json } from '../../lib/json.js';
import { inFrame } from './frame.js';
import { type LogicNode } from './node.js';
import { type Truth, truthOf, UNDECIDED } from './undecided.js';

/** One part of a condition with what it came to. Plain JSON, for a terminal as well as for the API. */
export interface ExplainNode {
  /** Null for a value that is written out and for a list. */
  operator: string | null;
  /** Path of a `var` or `exists`; for the body of a loop, below the item shown. */
  path: string | null;
  result: Truth;
  /** What it came to, long texts and lists cut short; null when undecided. */
  value: Json;
  /** Why it could not be run, e.g. a budget that was used up. */
  error: string | null;
  operands: ExplainNode[];
  /** Which item (from 0) the body of `some`, `all` and the like is shown for; the one that settled it. */
  item: number | null;
  /** True for one node of the tree: the first that settled the result. */
  deciding: boolean;
}

const MAX_TEXT = 1_000;
const MAX_ITEMS = 50;
const MAX_SHOWN_DEPTH = 6;
const SHOWS_ITEM = new Set(['some', 'none', 'all', 'filter', 'map']);

/** Every part of a condition with its value on this data, the deciding one marked. */
export function explainNode(node: LogicNode, data: unknown): ExplainNode {
  const explained = explainPart(node, data, data);
  decidingOf(explained).deciding = true;
  return explained;
}

function explainPart(node: LogicNode, data: unknown, root: unknown): ExplainNode {
  const { value, error } = attempt(node, data, root);
  const shown = SHOWS_ITEM.has(node.operator ?? '') ? shownItem(node, data, root) : null;
  return {
    operator: node.operator,
    path: node.path,
    result: truthOf(value),
    value: showValue(value, 0),
    error,
    operands: node.operands.flatMap((operand, i) => {
      if (i === 0 || !isLoop(node)) return [explainPart(operand, data, root)];
      return shown && i === 1 ? [explainPart(operand, shown.item, root)] : [];
    }),
    item: shown?.index ?? null,
    deciding: false,
  };
}

/** Every part has a budget of its own: what overruns is shown as such, the rest still has its values. */
function attempt(node: LogicNode, data: unknown, root: unknown): { value: unknown; error: string | null } {
  try {
    return { value: inFrame(root, () => node.run(data)), error: null };
  } catch (error) {
    return { value: UNDECIDED, error: error instanceof Error ? error.message : String(error) };
  }
}

function isLoop({ operator }: LogicNode): boolean {
  return operator === 'reduce' || SHOWS_ITEM.has(operator ?? '');
}

/** The item that settled the loop: the first false one for `all`, else the first true, else an undecided one. */
function shownItem(node: LogicNode, data: unknown, root: unknown): { index: number; item: unknown } | null {
  const [source, body] = node.operands;
  const items = source ? attempt(source, data, root).value : null;
  if (!Array.isArray(items) || items.length === 0 || !body) return null;
  const results = items.slice(0, MAX_ITEMS).map((item: unknown) => truthOf(attempt(body, item, root).value));
  const settling = results.indexOf(node.operator === 'all' ? 'false' : 'true');
  const index = Math.max(0, settling >= 0 ? settling : results.indexOf('undecided'));
  return { index, item: items[index] as unknown };
}

/** Walks down to the first part that settled the result. */
function decidingOf(node: ExplainNode): ExplainNode {
  const next = settling(node);
  return next ? decidingOf(next) : node;
}

function settling({ operator, operands, result }: ExplainNode): ExplainNode | undefined {
  if (operator === '!' || operator === '!!') return operands[0];
  if (operator === 'if' || operator === '?:') return settlingBranch(operands);
  const stopsAt = operator === 'and' ? 'false' : operator === 'or' ? 'true' : null;
  if (stopsAt === null || (result !== stopsAt && result !== 'undecided')) return undefined;
  return operands.find((operand) => operand.result === result);
}

function settlingBranch(operands: ExplainNode[]): ExplainNode | undefined {
  for (let i = 0; i < operands.length; i += 2) {
    const condition = operands[i];
    if (i === operands.length - 1 || condition?.result === 'undecided') return condition;
    if (condition?.result === 'true') return operands[i + 1];
  }
  return undefined;
}

/** A copy that prints in reasonable space: a value may be a whole transcript, or lists that share parts. */
function showValue(value: unknown, depth: number): Json {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null) return null;
  if (depth === MAX_SHOWN_DEPTH) return '…';
  const maxItems = depth === 0 ? MAX_ITEMS : 10;
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => showValue(item, depth + 1));
  const entries = Object.entries(value).slice(0, maxItems);
  return Object.fromEntries(entries.map(([key, item]) => [key, showValue(item, depth + 1)]));
}
