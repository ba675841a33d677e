import { Command, CommanderError } from 'commander';
import { type CommandContext } from './command-context.js';
import { addCheck } from './check.js';
import { addContact } from './contact.js';
import { DeskError } from '../replay/desk-error.js';
import { addDeliveries } from './deliveries.js';
import { addEvents } from './events.js';
import { CliError, EXIT, exitCodeOf } from './exit-codes.js';
import { addExplain } from './explain.js';
import { addFollowups } from './followups.js';
import { addInit } from './init.js';
import { addMigrate } from './migrate.js';
import { addApply, addPlan } from './plan.js';
import { addProcesses } from './processes.js';
import { coloursFor, type Io, processIo } from './io.js';
import { addSchedule } from './schedule.js';
import { addSchema } from './schema.js';
import { addServe } from './serve.js';
import { addSimulate } from './simulate.js';
import { addStore } from './store.js';
import { addTest } from './test.js';
import { addTrigger } from './trigger.js';
import { addUrls } from './urls.js';
import { version } from '../version.js';

export interface Program {
  /** Runs one command, `argv` without the program's own name; answers the exit code, never throws for users' mistakes. */
  run(argv: readonly string[]): Promise<number>;
}

const COMMANDS = [
  addServe,
  addUrls,
  addInit,
  addCheck,
  addTest,
  addSimulate,
  addExplain,
  addTrigger,
  addEvents,
  addDeliveries,
  addFollowups,
  addContact,
  addSchedule,
  addPlan,
  addApply,
  addProcesses,
  addMigrate,
  addStore,
  addSchema,
];

/** The `aftercall` command. */
export function createProgram(io: Io = processIo()): Program {
  return {
    run: async (argv) => {
      let exitCode: number = EXIT.fine;
      const command = buildCommand({ io, finish: (code) => (exitCode = code) });
      try {
        await command.parseAsync(argv, { from: 'user' });
        return exitCode;
      } catch (error) {
        return report(error, io);
      }
    },
  };
}

function buildCommand(context: CommandContext): Command {
  const { io } = context;
  const program = new Command('aftercall')
    .description(
      'Takes the webhook of an ended call, decides by your rules what should follow, and makes it happen.',
    )
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout(text), writeErr: (text) => io.stderr(text) })
    .showSuggestionAfterError()
    .addHelpText('after', EXIT_CODES);
  for (const add of COMMANDS) add(program, context);
  return program;
}

const EXIT_CODES = `
Exit codes: 0 fine, 1 findings, failed tests or a refusal, 2 usage, 3 server unreachable.
\`aftercall <command> --help\` says more; flags may also come from the environment.`;

/** Errors with a message for people: printed without their stack. By name, because some of the classes load much. */
const PLAIN_ERRORS = new Set(['CliError', 'DeskError', 'StoreRefusedError', 'StoreUnavailableError']);

function report(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (!(error instanceof Error)) throw error;
  io.stderr(`${coloursFor(io).red('aftercall:')} ${wordsFor(error)}\n`);
  if (error instanceof DeskError) return exitCodeOf(error);
  return error instanceof CliError ? error.exitCode : EXIT.findings;
}

function wordsFor({ name, message, stack }: Error): string {
  if (name === 'ConfigError') return `the configuration cannot be used:\n${message}`;
  return PLAIN_ERRORS.has(name) ? message : (stack ?? message);
}
