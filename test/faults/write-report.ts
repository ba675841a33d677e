import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir, type as systemName } from 'node:os';
import { format, resolveConfig } from 'prettier';

const REPORT = new URL('../../docs/reliability.md', import.meta.url);
const BEGIN = '<!-- faults: begin -->';
const END = '<!-- faults: end -->';

/** Puts the table between the two marks of docs/reliability.md, with where it comes from. */
export async function writeReport(table: string, minutes: number): Promise<void> {
  const text = await readFile(REPORT, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('docs/reliability.md has lost its marks');
  const whole = `${before}${BEGIN}\n\n${origin(minutes)}\n\n${table}\n\n${END}${after}`;
  const config = await resolveConfig(REPORT);
  await writeFile(REPORT, await format(whole, { ...config, parser: 'markdown' }));
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
