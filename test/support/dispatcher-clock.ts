import { expect, jest } from '@jest/globals';
import { DispatcherTrial, settled } from './dispatcher-trial.js';

const STEP_MS = 30_000;

/** A trial on fake timers that stand at `now`, milliseconds since the epoch. */
export async function startTrial(now: number): Promise<DispatcherTrial> {
  jest.useFakeTimers({
    now,
    doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'hrtime'],
  });
  return DispatcherTrial.create();
}

/** Ends it, and makes sure that nothing left a reason behind that is none. */
export async function endTrial(trial: DispatcherTrial): Promise<void> {
  const odd = await trial.oddReasons();
  await trial.remove();
  jest.useRealTimers();
  expect(odd).toEqual([]);
}

/** In steps, because a round that a timer started must end before the next timer can be set. */
export async function later(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    await jest.advanceTimersByTimeAsync(Math.min(left, STEP_MS));
    await settled();
  }
}
