import { type Config } from '../config/config.js';
import { newId } from '../lib/ids.js';
import { chooseSource } from './choose-source.js';
import { type Io } from './io.js';
import { type GivenCall, readCall } from './read-call.js';
import { type SimulatedCall } from './simulated-call.js';
import { statusOf } from './simulation.js';

/** How `simulate` and `explain` are told what to look at. */
export interface GivenOptions {
  source?: string;
  label: Record<string, string>;
  /** Milliseconds since the epoch. */
  at?: number;
}

/** Reads the call that a command names. A stored event keeps its source, labels, id and time unless told otherwise. */
export async function readGivenCall(
  given: string,
  options: GivenOptions,
  io: Io,
  config: Config,
): Promise<SimulatedCall> {
  const call = await readCall(given, io, config);
  const source = chooseSource(config, options.source ?? call.event?.source, io);
  const labels = { ...(call.event?.labels ?? source.labels), ...options.label };
  const receivedAt = options.at ?? call.event?.receivedAt ?? Date.now();
  const eventId = call.event?.id ?? newId(receivedAt);
  const reading = source.source.read(call.raw);
  if (reading.as === 'unreadable') sayProblems(io, reading.problems);
  return { source, labels, eventId, receivedAt, reading, status: stored(call) ?? statusOf(reading) };
}

/** What was quarantined once may be readable now; then it counts as what it would be today. */
function stored({ event }: GivenCall): SimulatedCall['status'] | null {
  return event === null || event.status === 'quarantined' ? null : event.status;
}

function sayProblems(io: Io, problems: readonly { path: string; problem: string }[]): void {
  io.stderr(problems.map(({ path, problem }) => `not readable as a call: ${path}: ${problem}\n`).join(''));
}
