import { parseArgs } from 'node:util';
import { allRows } from './rows.js';
import { type RowResult, runRows } from './run-rows.js';
import { faultTables } from './table.js';
import { writeReport } from './write-report.js';

/**
 * `npm run faults [-- <name>… --short --write]`: injects every fault at length, or those named, and prints
 * one table. Exit code 1 when something was lost or doubled, or when a control went unnoticed.
 */
const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean' }, write: { type: 'boolean' }, list: { type: 'boolean' } },
});
const say = (text: string) => void process.stdout.write(`${text}\n`);
const unknown = names.filter((name) => !allRows.some((row) => row.name === name));

if (unknown.length > 0 || values.list === true) {
  for (const name of unknown) say(`there is no fault ${name}; these are known:`);
  for (const row of allRows) say(`  ${row.name.padEnd(20)} ${row.what}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const startedAt = Date.now();
const asked = allRows.filter(({ name }) => names.length === 0 || names.includes(name));
const rows = asked.filter(({ missing }) => missing === null);
for (const { name, missing } of asked) if (missing !== null) say(`${name} is left out: ${missing}`);
const results: RowResult[] = [];
const running = runRows(rows, values.short === true ? 'short' : 'long').map((result, index) =>
  result.then(report, (error: Error) =>
    say(`${rows[index]?.name ?? ''} could not be run: ${error.stack ?? ''}`),
  ),
);
await Promise.all(running);
results.sort((a, b) => rows.indexOf(a.row) - rows.indexOf(b.row));
const tables = faultTables(results);
for (const table of tables.values()) say(`\n${table}`);
if (values.write === true) await writeReport(tables, Math.ceil((Date.now() - startedAt) / 60_000));
process.exit(results.length === rows.length && results.every(({ proves }) => proves) ? 0 : 1);

/** A line as soon as a row is done, and everything that it found. */
function report(result: RowResult): void {
  results.push(result);
  const { row, outcome, proves } = result;
  const at = Math.round((Date.now() - startedAt) / 1000);
  say(
    `${String(at).padStart(5)} s  ${row.name}: ${outcome.injected} injected, ${proves ? 'holds' : 'FAILED'}`,
  );
  const { lost, doubledKeyed, violations } = outcome.findings;
  for (const sentence of [...lost, ...doubledKeyed, ...violations].slice(0, 20)) say(`         ${sentence}`);
}
