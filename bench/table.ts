/** One line of the printed table. */
export interface Row {
  what: string;
  ours: string;
  yardstick: string;
  ratio: string;
  goal: string;
  /** Said below the table. */
  note?: string;
}

export function ratio(ours: number, yardstick: number): string {
  return yardstick === 0 ? '-' : (ours / yardstick).toPrecision(3);
}

const COLUMNS = ['what', 'ours', 'yardstick', 'ratio', 'goal'] as const;

export function formatTable(rows: readonly Row[]): string {
  const table = formatColumns(
    COLUMNS,
    rows.map((row) => COLUMNS.map((column) => row[column])),
  );
  const notes = rows.flatMap(({ what, note }) => (note === undefined ? [] : [`${what}: ${note}`]));
  return [table, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

export function formatColumns(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((_, index) =>
    Math.max(...[head, ...lines].map((line) => line[index]?.length ?? 0)),
  );
  const format = (line: readonly string[]) =>
    line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ');
  return [format(head), widths.map((width) => '-'.repeat(width)).join('-|-'), ...lines.map(format)].join(
    '\n',
  );
}
