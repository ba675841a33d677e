import { encodeText } from '../text.js';
import { type Write } from '../writes.js';

/** A batch in the order in which it is run. */
export interface Batch {
  /** Accepted events, in waves: no call comes twice in one. */
  waves: Indexed[][];
  /** Writes of one row each, which may go out together. */
  together: Indexed[];
  /** What reads before it writes, one after the other. */
  alone: Indexed[];
}

/** A write, and where it stands among those that were submitted. */
export interface Indexed {
  write: Write;
  index: number;
}

/** Each names the rows by a key that nobody else in the batch has, or asks for nothing in between. */
const TOGETHER: ReadonlySet<Write['do']> = new Set<Write['do']>([
  ...(['saveInput', 'update', 'saveRuleSet', 'signOff', 'resign', 'beat', 'probe'] as const),
]);

/**
 * Nobody has been answered yet, so a batch may be run in another order than it came in, save that a claim must see the
 * updates that were submitted before it: claims come last.
 */
export function arrange(writes: readonly Write[]): Batch {
  const indexed = writes.map((write, index) => ({ write, index }));
  const accepts = indexed.filter(({ write }) => write.do === 'accept');
  return {
    waves: inWaves(accepts),
    together: indexed.filter(({ write }) => TOGETHER.has(write.do)),
    alone: indexed.filter(({ write }) => write.do !== 'accept' && !TOGETHER.has(write.do)),
  };
}

/** Copies of one call must see each other: each comes in a wave of its own. */
function inWaves(accepts: readonly Indexed[]): Indexed[][] {
  const waves: Indexed[][] = [];
  const seen = new Map<string, number>();
  for (const one of accepts) {
    const key = callKeyOf(one.write) ?? `no call ${one.index}`;
    const wave = seen.get(key) ?? 0;
    seen.set(key, wave + 1);
    (waves[wave] ??= []).push(one);
  }
  return waves;
}

/** Between the parts of a key; texts that hold it are stored in another form (`encodeText`). */
export const KEY_SEPARATOR = '\u001f';

function callKeyOf(write: Write): string | null {
  if (write.do !== 'accept' || write.event.callId === null) return null;
  const { source, eventKind, callId } = write.event;
  return [source, eventKind, callId].map(encodeText).join(KEY_SEPARATOR);
}

/**
 * What a batch locks before it touches any row: its calls, so that copies in other processes wait, and its contacts, whose
 * rows it will change. All batches take their locks in one order, so none waits for another in a circle.
 */
export function lockKeysOf(writes: readonly Write[]): string[] {
  const keys = new Set<string>();
  for (const write of writes) {
    const call = callKeyOf(write);
    if (call !== null) keys.add(call);
    if (write.do === 'accept' && write.event.contact !== null)
      keys.add([write.event.scope, write.event.contact].map(encodeText).join(KEY_SEPARATOR));
    if (write.do === 'raiseAlerts') keys.add('alerts');
  }
  return [...keys];
}
