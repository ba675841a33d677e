import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { type Command, Option } from 'commander';
import { LiveConfig } from '../config/live.js';
import { type RuleTest } from '../config/rule-test.js';
import { type CommandContext } from './command-context.js';
import { describeFailure, describeSummary, junitXml } from './describe-tests.js';
import { EXIT, usageError } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { loadConfig, type LoadedConfig } from './load-config.js';
import { configOption, type Output, outputOption } from './options.js';
import { printJson } from './print.js';
import { ruleFileLocator, runRuleTest, type TestContext, type TestResult } from './run-rule-test.js';

interface TestOptions {
  config: string;
  output: Output;
  junit?: string;
}

export function addTest(program: Command, { io, finish }: CommandContext): void {
  program
    .command('test')
    .description('run the tests that stand in the rule files')
    .argument('[paths...]', 'only those of these rule files or folders')
    .addOption(configOption())
    .addOption(
      new Option('--junit <file>', 'also write the results as JUnit XML, for CI').env('AFTERCALL_JUNIT'),
    )
    .addOption(outputOption())
    .action(async (paths: string[], options: TestOptions) => finish(await test(io, paths, options)));
}

async function test(io: Io, paths: readonly string[], options: TestOptions): Promise<number> {
  const loaded = await loadConfig(io, options.config);
  const context = contextOf(io, loaded);
  const results: TestResult[] = [];
  for (const each of select(loaded.tests, paths, context, io)) results.push(await runRuleTest(each, context));
  if (options.junit !== undefined) await writeReport(resolve(io.cwd, options.junit), results);
  if (options.output === 'json') printJson(io, asJson(results));
  else io.stdout(asText(results, io));
  return results.every(hasPassed) ? EXIT.fine : EXIT.findings;
}

async function writeReport(file: string, results: readonly TestResult[]): Promise<void> {
  await writeFile(file, junitXml(results)).catch((error: NodeJS.ErrnoException) => {
    throw usageError(`${file} cannot be written: ${error.code ?? error.message}`);
  });
}

function contextOf(io: Io, { config }: LoadedConfig): TestContext {
  const dir = config.dir ?? io.cwd;
  const fileOf = ruleFileLocator(dir, io.cwd, existsSync);
  return { live: new LiveConfig(config).current(), folders: [dir, io.cwd], fileOf, now: Date.now() };
}

/** A path that leads to no test is most likely mistyped. */
function select(tests: RuleTest[], paths: readonly string[], context: TestContext, io: Io): RuleTest[] {
  if (paths.length === 0) return tests;
  const wanted = paths.map((path) => ({ path, whole: resolve(io.cwd, path) }));
  for (const { path, whole } of wanted) {
    if (!tests.some(({ file }) => isWithin(context.fileOf(file), whole)))
      throw usageError(`there is no test in ${path}; name rule files or folders of the configuration`);
  }
  return tests.filter(({ file }) => wanted.some(({ whole }) => isWithin(context.fileOf(file), whole)));
}

function isWithin(file: string, path: string): boolean {
  return file === path || file.startsWith(`${path}${sep}`);
}

export function hasPassed({ error, mismatches }: TestResult): boolean {
  return error === null && mismatches.length === 0;
}

function asText(results: readonly TestResult[], io: Io): string {
  const colours = coloursFor(io);
  const failed = results.filter((result) => !hasPassed(result));
  const failures = failed.map((result) => `${describeFailure(result, colours)}\n`);
  return `${failures.join('')}${describeSummary(results.length - failed.length, failed.length, colours)}\n`;
}

function asJson(results: readonly TestResult[]) {
  const failed = results.filter((result) => !hasPassed(result)).length;
  const tests = results.map(({ test: { name, file, line }, error, mismatches }) => {
    return { name, file, line, passed: error === null && mismatches.length === 0, error, mismatches };
  });
  return { passed: results.length - failed, failed, tests };
}
