import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir, type as systemName } from 'node:os';
import { format, resolveConfig } from 'prettier';
import { type Place } from './row.js';

const REPORT = new URL('../../docs/reliability.md', import.meta.url);

/** Puts each table between the two marks of its place in docs/reliability.md, with where it comes from. */
export async function writeReport(tables: ReadonlyMap<Place, string>, minutes: number): Promise<void> {
  let whole = await readFile(REPORT, 'utf8');
  for (const [place, table] of tables) whole = withTable(whole, place, `${origin(minutes)}\n\n${table}`);
  const config = await resolveConfig(REPORT);
  await writeFile(REPORT, await format(whole, { ...config, parser: 'markdown' }));
}

function withTable(text: string, place: Place, table: string): string {
  const [begin, end] = [`<!-- faults on ${place}: begin -->`, `<!-- faults on ${place}: end -->`];
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/reliability.md has lost its marks: ${begin} and ${end}`);
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}

function origin(minutes: number): string {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores, Node ${process.version}, ${systemName()} ${release()}`;
  const fileSystem = run('findmnt', ['-n', '-o', 'FSTYPE', '-T', tmpdir()]);
  return `${date}, commit ${run('git', ['rev-parse', '--short', 'HEAD'])}, ${machine}, ${fileSystem}, in ${minutes} minutes.`;
}

function run(command: string, args: string[]): string {
  const { stdout, status } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'unknown';
}
