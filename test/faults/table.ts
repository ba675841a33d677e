import { type Outcome, type Place } from './row.js';
import { type RowResult } from './run-rows.js';

const HEAD = [
  'fault',
  'injected',
  'accepted',
  'lost',
  'doubled, keyed',
  'doubled, unkeyed',
  'back after s: median',
  'max',
  'its control',
];

const TITLES: Record<Place, string> = {
  sqlite: 'One process, SQLite and the queue inside it',
  postgres: 'One process, PostgreSQL and BullMQ',
  fleet: 'Three workers and two intakes, PostgreSQL and BullMQ',
};

/** A table for each place that was run at, as Markdown that reads well in a terminal, too. */
export function faultTables(results: readonly RowResult[]): Map<Place, string> {
  const places = Object.keys(TITLES) as Place[];
  const those = (place: Place) => results.filter(({ row }) => row.place === place);
  const present = places.filter((place) => those(place).length > 0);
  return new Map(present.map((place) => [place, `${TITLES[place]}:\n\n${faultTable(those(place))}`]));
}

function faultTable(results: readonly RowResult[]): string {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    isNumber(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(HEAD), `| ${rule.join(' | ')} |`, ...rows.slice(1).map(line)].join('\n');
}

function cells({ row, outcome, control, proves }: RowResult): string[] {
  const { injected, accepted, findings, recoveries } = outcome;
  const broken = findings.violations.length;
  return [
    `${row.what}${proves ? '' : ' (FAILED)'}`,
    String(injected),
    String(accepted),
    `${findings.lost.length}${broken === 0 ? '' : ` and ${broken} promises broken`}`,
    String(findings.doubledKeyed.length),
    String(findings.doubledUnkeyed.length),
    seconds(median(recoveries)),
    seconds(Math.max(...recoveries)),
    `${row.control.what}: ${controlWords(control)}`,
  ];
}

/** `3 lost, 2 doubled`, or what else gave the wrong program away. */
function controlWords({ findings }: Outcome): string {
  const { lost, doubledKeyed, violations } = findings;
  const words = [
    ...(lost.length > 0 ? [`${lost.length} lost`] : []),
    ...(doubledKeyed.length > 0 ? [`${doubledKeyed.length} doubled`] : []),
  ];
  if (words.length > 0) return words.join(', ');
  return violations.length > 0 ? `${violations.length} promises broken` : 'NOTHING FOUND';
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? -Infinity;
}

function seconds(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '';
}

function isNumber(column: number): boolean {
  return column > 0 && column < HEAD.length - 1;
}

function pad(cell: string, width: number, column: number): string {
  return isNumber(column) ? cell.padStart(width) : cell.padEnd(width);
}
