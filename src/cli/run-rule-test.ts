import { resolve } from 'node:path';
import { type SourceConfig } from '../config/config.js';
import { type LiveRuleSet } from '../config/live.js';
import { type GivenCall, type RuleTest } from '../config/rule-test.js';
import { newId } from '../lib/ids.js';
import { simulateAfter } from './earlier-calls.js';
import { findMismatches, type Mismatch } from './expectations.js';
import { CliError, usageError } from './exit-codes.js';
import { buildCall } from './fixtures.js';
import { type SimulatedCall } from './simulated-call.js';
import { statusOf } from './simulation.js';

export interface TestResult {
  test: RuleTest;
  mismatches: Mismatch[];
  /** Why it could not be run at all, else null. */
  error: string | null;
}

export interface TestContext {
  live: LiveRuleSet;
  /** Folder of the configuration and working directory: relative paths may start at either. */
  folders: readonly string[];
  /** Absolute path of a rule file by the name it is reported under. */
  fileOf: (display: string) => string;
  now: number;
}

/** Runs one test of a rule file: reads the call, decides, renders, compares. Sends and stores nothing. */
export async function runRuleTest(test: RuleTest, context: TestContext): Promise<TestResult> {
  try {
    const source = sourceOf(test, context.live);
    const call = await readCall(test.given, test, source, context);
    const earlier: SimulatedCall[] = [];
    for (const past of test.earlier) earlier.push(await readCall(past, test, source, context));
    const simulation = simulateAfter(context.live, earlier, call);
    return { test, mismatches: findMismatches(test.expect, simulation), error: null };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { test, mismatches: [], error: error.message };
  }
}

function sourceOf(test: RuleTest, { config }: LiveRuleSet): SourceConfig {
  const [first] = config.sources.values();
  const source = test.source === null ? first : config.sources.get(test.source);
  if (source) return source;
  throw usageError('the configuration has no source; add one under sources:');
}

async function readCall(
  given: GivenCall,
  test: RuleTest,
  source: SourceConfig,
  { fileOf, folders, now }: TestContext,
): Promise<SimulatedCall> {
  const raw = await buildCall(given, fileOf(test.file), folders);
  const reading = source.source.read(raw);
  if (reading.as === 'unreadable') throw usageError(describeUnreadable(reading.problems));
  const receivedAt = test.at === null ? now : Date.parse(test.at);
  const labels = source.labels;
  return { source, labels, eventId: newId(receivedAt), receivedAt, reading, status: statusOf(reading) };
}

function describeUnreadable(problems: readonly { path: string; problem: string }[]): string {
  const words = problems.map(({ path, problem }) => `${path}: ${problem}`);
  return `the call cannot be read: ${words.join('; ')}`;
}

/** Rule files are reported below the working directory, or else below the configuration folder. */
export function ruleFileLocator(
  dir: string,
  cwd: string,
  exists: (path: string) => boolean,
): TestContext['fileOf'] {
  return (display) => {
    const fromHere = resolve(cwd, display);
    return exists(fromHere) ? fromHere : resolve(dir, display);
  };
}
