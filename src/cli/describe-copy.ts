import { type CopiedReport, type CopyProgress, type CopyReport } from '../store/copy-store.js';
import { type Colours, type Io } from './io.js';
import { printable } from './print.js';
import { paintedTable } from './state-colours.js';

const HEADING = ['TABLE', 'ROWS', 'COPIED', 'SECONDS', 'VERIFIED'];
const SHOW_EVERY_MS = 200;

/** A line that is written over and over, on a terminal only. */
export function copyProgress(io: Io): { show: (progress: CopyProgress) => void; end: () => void } {
  let lastAt = 0;
  return {
    show: ({ step, table, rows, total }) => {
      if (!io.isTty || io.now() < lastAt + SHOW_EVERY_MS) return;
      lastAt = io.now();
      const word = step === 'copy' ? 'copying' : 'comparing';
      io.stderr(`\r\u001b[K${word} ${table}: ${rows} of ${total}`);
    },
    end: () => {
      if (lastAt > 0) io.stderr('\r\u001b[K');
    },
  };
}

export function describeCopy({ tables, isVerified }: CopyReport, colours: Colours): string {
  const rows = tables.map((table) => ({
    cells: cellsOf(table),
    paint: table.difference === null ? (text: string) => text : colours.red,
  }));
  return `${paintedTable(HEADING, rows, colours)}\n${isVerified ? NEXT : failure(tables)}`;
}

function cellsOf({ table, rows, copied, copyMs, verifyMs, difference, checksums }: CopiedReport): string[] {
  const seconds = ((copyMs + verifyMs) / 1000).toFixed(1);
  const verified = difference === null ? `yes, sha256 ${checksums.target.slice(0, 12)}` : 'no';
  return [table, String(rows), String(copied), seconds, verified];
}

const NEXT =
  'both are the same: put the database of --to behind storage: in aftercall.yaml, then run aftercall serve\n';

function failure(tables: readonly CopiedReport[]): string {
  const lines = tables.flatMap(({ table, difference }) =>
    difference === null ? [] : [printable(`${table}: the row ${difference.key} ${difference.problem}`)],
  );
  return [
    ...lines,
    'The two are not the same, and no server starts on the copy: somebody has written to one of them since it began.',
    'Make another empty database and copy again.\n',
  ].join('\n');
}
