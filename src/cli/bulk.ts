import { type Command } from 'commander';
import { type CountView } from '../replay/views.js';
import { confirm } from './confirm.js';
import { type BulkFlags } from './desk-options.js';
import { EXIT, usageError } from './exit-codes.js';
import { type Io } from './io.js';

/** Whether a command means the ids it names, or what its filters match. */
export type Choice = 'ids' | 'matching';

/**
 * @param hasFilter whether any filter was given
 * @throws {CliError} for both, for neither, and for `--all` beside a filter.
 */
export function choose(
  command: Command,
  ids: readonly string[],
  { hasFilter, all }: { hasFilter: boolean; all: boolean },
): Choice {
  const name = `${command.parent?.name() ?? ''} ${command.name()}`;
  if (ids.length > 0 && (hasFilter || all)) throw usageError(`${name} takes ids or filters, not both`);
  if (all && hasFilter) throw usageError('--all is for no filter at all; leave one of them out');
  if (ids.length === 0 && !hasFilter && !all)
    throw usageError(`name what ${name} is for: ids, filters such as --destination, or --all`);
  return ids.length > 0 ? 'ids' : 'matching';
}

export interface BulkSteps<Answer extends CountView> {
  /** Counts what would be changed. */
  count: () => Promise<Answer>;
  /** What will happen, e.g. `12 dead deliveries will be tried again at once`. */
  announce: (counted: Answer) => string;
  run: () => Promise<Answer>;
  /** Prints what was done. */
  report: (answer: Answer) => number;
  /** Prints what would be, where only that was asked for or there is nothing to do. */
  reportCount: (counted: Answer) => void;
}

/** States the count, asks unless `--yes` was said, and does it. Answers the exit code. */
export async function runBulk<Answer extends CountView>(
  io: Io,
  flags: Pick<BulkFlags, 'yes' | 'dryRun'>,
  steps: BulkSteps<Answer>,
): Promise<number> {
  if (!flags.yes || flags.dryRun) {
    const counted = await steps.count();
    if (flags.dryRun || counted.count === 0) {
      steps.reportCount(counted);
      return EXIT.fine;
    }
    if (!(await confirm(io, steps.announce(counted)))) {
      io.stderr('nothing was changed\n');
      return EXIT.findings;
    }
  }
  return steps.report(await steps.run());
}
