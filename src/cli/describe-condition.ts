import { type Json } from '../lib/json.js';
import { type ExplainNode } from '../rules/condition.js';
import { type Colours } from './io.js';
import { printable } from './print.js';

const MARKS = { true: '✓', false: '✗', undecided: '?' } as const;

/** Longer values push the line out of the window; `-o json` has them whole. */
const MAX_VALUE_LENGTH = 60;
/** More operands than this stand on lines of their own. */
const MAX_INLINE_OPERANDS = 4;

/** A condition as an indented tree: what each part came to, the values it saw, the deciding part marked. */
export function describeCondition(node: ExplainNode, colours: Colours, indent = '  '): string {
  const inline = isInline(node);
  const decides = node.deciding || (inline && node.operands.some(({ deciding }) => deciding));
  const words = printable(inline ? inlineWords(node) : headWords(node));
  const error = node.error === null ? '' : printable(` (${node.error})`);
  const mark = colourOf(node, colours)(MARKS[node.result]);
  const line = `${indent}${mark} ${words}${error}${decides ? colours.bold('  <- decides') : ''}\n`;
  if (inline) return line;
  return line + node.operands.map((operand) => describeCondition(operand, colours, `${indent}  `)).join('');
}

/** A comparison of values and paths reads best as one line. */
function isInline({ operator, operands }: ExplainNode): boolean {
  if (operator === null || operator === 'var') return true;
  if (operator === 'and' || operator === 'or') return false;
  return operands.length <= MAX_INLINE_OPERANDS && operands.every(isLeaf);
}

function isLeaf({ operator, operands }: ExplainNode): boolean {
  return operator === 'var' || (operator === null && operands.every(isLeaf));
}

function inlineWords(node: ExplainNode): string {
  if (node.operator === null || node.operator === 'var') return leafWords(node);
  const operands = node.operands.map(leafWords);
  if (node.operator === 'exists') return `exists ${node.path ?? operands.join(', ')}`;
  return operands.length === 2
    ? operands.join(` ${node.operator} `)
    : `${node.operator} ${operands.join(', ')}`;
}

function leafWords({ operator, path, value }: ExplainNode): string {
  if (operator !== 'var') return valueWords(value);
  return `${path === null || path === '' ? 'the call' : path} (${value === null ? 'missing' : valueWords(value)})`;
}

function headWords({ operator, item }: ExplainNode): string {
  return item === null ? (operator ?? 'list') : `${operator ?? 'list'} (item ${item} shown)`;
}

function valueWords(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}

function colourOf({ result }: ExplainNode, colours: Colours): (text: string) => string {
  if (result === 'undecided') return colours.yellow;
  return result === 'true' ? colours.green : colours.red;
}
