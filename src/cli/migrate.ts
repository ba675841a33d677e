import { type Command } from 'commander';
import { type CommandContext } from './command-context.js';
import { EXIT } from './exit-codes.js';
import { coloursFor, type Colours, type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { configOption, type Output, outputOption } from './options.js';
import { printJson } from './print.js';
import { type AppliedMigrations, type MigrationPlan } from './store-schema.js';

interface MigrateOptions {
  config: string;
  output: Output;
}

/** The stores take a while to load, and most commands do without. */
const loadSchemas = () => import('./store-schema.js');

export function addMigrate(program: Command, { io, finish }: CommandContext): void {
  const migrate = program
    .command('migrate')
    .description('the tables of the store: what this version lacks in them, and bringing them up to date');
  migrate
    .command('plan')
    .description('show which migrations are missing and their SQL; changes nothing')
    .addOption(configOption())
    .addOption(outputOption())
    .addHelpText('after', '\nExit code 0 when nothing is missing, 1 when something is.')
    .action(async (options: MigrateOptions) => finish(await plan(io, options)));
  migrate
    .command('apply')
    .description('bring the tables to those of this version; an empty database gets them')
    .addOption(configOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nOne at a time, however many are started. On PostgreSQL servers of the version before may go on meanwhile;' +
        '\nan SQLite file is copied first, and no server may run on it.',
    )
    .action(async (options: MigrateOptions) => finish(await apply(io, options)));
}

async function plan(io: Io, options: MigrateOptions): Promise<number> {
  const { config } = await loadConfig(io, options.config);
  const { planForStore } = await loadSchemas();
  const found = await planForStore(config.storage);
  if (options.output === 'json') printJson(io, found);
  else io.stdout(describePlan(found, coloursFor(io)));
  return found.missing.length === 0 ? EXIT.fine : EXIT.findings;
}

async function apply(io: Io, options: MigrateOptions): Promise<number> {
  const { config } = await loadConfig(io, options.config);
  const { applyToStore } = await loadSchemas();
  const done = await applyToStore(config.storage);
  if (options.output === 'json') printJson(io, done);
  else io.stdout(describeApplied(done));
  return EXIT.fine;
}

function describePlan({ place, applied, missing }: MigrationPlan, colours: Colours): string {
  const names = missing.map(({ name }) => name);
  const head = [
    place,
    `  applied  ${applied.join(', ') || 'none'}`,
    `  missing  ${names.join(', ') || 'none'}`,
  ];
  if (names.length === 0) return [...head, ''].join('\n');
  const blocks = missing.flatMap(({ name, steps }) => [
    '',
    colours.bold(name),
    ...steps.flatMap(({ sql, notice }) => [
      `  ${sql};`,
      ...(notice === null ? [] : [colours.yellow(`    -- ${notice}`)]),
    ]),
  ]);
  return [...head, ...blocks, '', '`aftercall migrate apply` does it', ''].join('\n');
}

function describeApplied({ place, applied, copy }: AppliedMigrations): string {
  if (applied.length === 0) return `${place}: nothing was missing\n`;
  const kept = copy === null ? '' : `the file as it was before is ${copy}\n`;
  return `${place}: applied ${applied.join(', ')}\n${kept}`;
}
