import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type CopyReport } from '../store/copy-store.js';
import { type CommandContext } from './command-context.js';
import { copyProgress, describeCopy } from './describe-copy.js';
import { CliError, EXIT, usageError } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { type Output, outputOption } from './options.js';
import { printJson } from './print.js';

interface CopyOptions {
  from: string;
  to: string;
  output: Output;
}

const HELP = `
Both are written as in aftercall.yaml: sqlite:./data/aftercall.db or postgres://user:password@host/database.
No server may run on either. Killed or stopped, it goes on where it was when it is started again.
Exit code 1 when the two are not the same afterwards. How to move a store: docs/guide/moving.md.`;

export function addStore(program: Command, { io, finish }: CommandContext): void {
  const store = program.command('store').description('the store as a whole: copy it to another database');
  store
    .command('copy')
    .description('copy every event, delivery and setting into an empty database, and compare both')
    .addOption(
      new Option('--from <storage>', 'the store to copy; it is only read')
        .env('AFTERCALL_COPY_FROM')
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--to <storage>', 'an empty database; its tables are made')
        .env('AFTERCALL_COPY_TO')
        .makeOptionMandatory(),
    )
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (options: CopyOptions) => finish(await copy(io, options)));
}

async function copy(io: Io, options: CopyOptions): Promise<number> {
  const from = readPlace(io, '--from', options.from);
  const to = readPlace(io, '--to', options.to);
  if (from === to) throw usageError('--from and --to are the same');
  const report = await copyBetween(io, from, to);
  if (options.output === 'json') printJson(io, toJson(report));
  else io.stdout(describeCopy(report, coloursFor(io)));
  return report.isVerified ? EXIT.fine : EXIT.findings;
}

async function copyBetween(io: Io, from: string, to: string): Promise<CopyReport> {
  const { openCopySource, openCopyTarget } = await import('./open-copy.js');
  const { copyStore } = await import('../store/copy-store.js');
  const source = await openCopySource(from);
  try {
    const target = await openCopyTarget(to);
    const progress = copyProgress(io);
    try {
      return await copyStore({ source, target, now: () => io.now(), onProgress: progress.show });
    } catch (error) {
      throw isTrouble(error) ? goesOn(error) : error;
    } finally {
      progress.end();
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Where a store is, with the whole path of a file. @throws {CliError} */
function readPlace(io: Io, flag: string, written: string): string {
  const [, file] = /^sqlite:(.+)$/s.exec(written) ?? [];
  if (file !== undefined) return `sqlite:${resolve(io.cwd, file)}`;
  if (/^postgres(ql)?:\/\//.test(written) && URL.canParse(written)) return written;
  throw usageError(
    `${flag} is no store; expected sqlite:<file> or postgres://user:password@host:port/database`,
  );
}

function isTrouble(error: unknown): error is Error {
  return error instanceof Error && error.name === 'StoreUnavailableError';
}

function goesOn({ message }: Error): CliError {
  return new CliError(EXIT.findings, `${message}; say the same again, and it goes on where it stopped`);
}

function toJson({ isResumed, isVerified, tables }: CopyReport) {
  return {
    verified: isVerified,
    resumed: isResumed,
    tables: tables.map(({ table, rows, copied, copyMs, verifyMs, checksums, difference }) => ({
      ...{ table, rows, copied, seconds: copyMs / 1000, verify_seconds: verifyMs / 1000 },
      ...{ checksum: checksums.target, verified: difference === null },
      difference,
    })),
  };
}
