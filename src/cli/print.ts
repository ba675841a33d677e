import { stringify } from 'yaml';
import { type Io } from './io.js';

/** Two spaces between columns; the last column is left as it is. */
export function columns(rows: readonly (readonly string[])[]): string[][] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))));
}

export function table(rows: readonly (readonly string[])[]): string {
  return columns(rows)
    .map((row) => `${row.join('  ')}\n`)
    .join('');
}

export function printJson(io: Io, value: unknown): void {
  io.stdout(`${JSON.stringify(value, null, 2)}\n`);
}

/** A value as a person reads it: YAML, each line indented. */
export function yamlBlock(value: unknown, indent: string): string {
  const lines = stringify(value, { lineWidth: 0 }).trimEnd().split('\n');
  return lines.map((line) => `${indent}${printable(line)}\n`).join('');
}

/** Control characters, which texts of a call may hold, must not reach a terminal. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `1 error`, `2 errors` */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
