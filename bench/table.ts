/** One line of the printed table. */
export interface Row {
  what: string;
  ours: string;
  yardstick: string;
  ratio: string;
  goal: string;
}

export function ratio(ours: number, yardstick: number): string {
  return yardstick === 0 ? '-' : (ours / yardstick).toPrecision(3);
}

export function formatTable(rows: readonly Row[]): string {
  const head: Row = { what: 'what', ours: 'ours', yardstick: 'yardstick', ratio: 'ratio', goal: 'goal' };
  const columns = ['what', 'ours', 'yardstick', 'ratio', 'goal'] as const;
  const widths = columns.map((column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row: Row) =>
    columns.map((column, index) => row[column].padEnd(widths[index] ?? 0)).join(' | ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('-|-'), ...rows.map(line)].join('\n');
}
