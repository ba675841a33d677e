import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StoreUnavailableError } from './store.js';
import { type Settled, WriteQueue, type WriteQueueLimits } from './write-queue.js';

interface Op {
  name: string;
  bytes?: number;
  once?: boolean;
}

/** A queue whose batches end when the test says so. */
function setUp(limits: Partial<WriteQueueLimits> = {}) {
  const batches: { names: string[]; end(settled?: Settled[]): void; fail(error: Error): void }[] = [];
  const queue = new WriteQueue<Op>({
    run: (ops) =>
      new Promise((resolve, reject) => {
        const names = ops.map(({ name }) => name);
        const end = (settled = names.map((name): Settled => ({ value: `${name} done` }))) => resolve(settled);
        batches.push({ names, end, fail: reject });
      }),
    sizeOf: (op) => op.bytes ?? 1,
    isRepeatable: (op) => op.once !== true,
    limits,
  });
  const submit = (name: string, over: Partial<Op> = {}) => {
    const promise = queue.submit({ name, ...over });
    promise.catch(() => {});
    return promise;
  };
  return { queue, batches, submit };
}

const turn = () => jest.advanceTimersByTimeAsync(0);

describe('WriteQueue', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('runs what arrives in one turn together, and what arrives meanwhile next', async () => {
    const { batches, submit } = setUp();
    const [a, b] = [submit('a'), submit('b')];
    await turn();
    const c = submit('c');
    const d = submit('d');
    await turn();
    expect(batches.map(({ names }) => names)).toEqual([['a', 'b']]);

    batches[0]!.end();
    await turn();
    batches[1]!.end();
    expect(await Promise.all([a, b, c, d])).toEqual(['a done', 'b done', 'c done', 'd done']);
    expect(batches.map(({ names }) => names)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('gives every caller its own result or error', async () => {
    const { batches, submit } = setUp();
    const [a, b, c] = [submit('a'), submit('b'), submit('c')];
    await turn();
    batches[0]!.end([{ value: 1 }, { error: new TypeError('bad') }]);
    await expect(a).resolves.toBe(1);
    await expect(b).rejects.toThrow(TypeError);
    await expect(c).rejects.toThrow('the store gave no answer');
  });

  it('fails a whole batch that cannot be run, and goes on', async () => {
    const { batches, submit } = setUp();
    const a = submit('a');
    await turn();
    const b = submit('b');
    batches[0]!.fail(new StoreUnavailableError('its thread stopped'));
    await expect(a).rejects.toThrow('its thread stopped');
    await turn();
    batches[1]!.end();
    await expect(b).resolves.toBe('b done');
  });

  it('bounds a batch by number and by bytes, but lets one large operation pass', async () => {
    const { batches, submit } = setUp({ maxBatchOps: 2, maxBatchBytes: 10 });
    for (const [name, bytes] of Object.entries({ a: 1, b: 1, c: 99, d: 6, e: 6 }))
      void submit(name, { bytes });
    for (let index = 0; index < 4; index += 1) {
      await turn();
      batches[index]!.end();
    }
    expect(batches.map(({ names }) => names)).toEqual([['a', 'b'], ['c'], ['d'], ['e']]);
  });

  it('refuses at once what would be too many or too much to hold', async () => {
    const { batches, submit } = setUp({ maxPendingOps: 2, maxPendingBytes: 10 });
    void submit('a', { bytes: 8 });
    await expect(submit('big', { bytes: 3 })).rejects.toThrow(StoreUnavailableError);
    void submit('b');
    await expect(submit('c')).rejects.toThrow(/too many writes are waiting/);
    await turn();
    const d = submit('d', { bytes: 10 });
    batches[0]!.end();
    await turn();
    batches[1]!.end();
    await expect(d).resolves.toBe('d done');
  });

  it('lets nobody wait longer than the bound in the queue', async () => {
    const { batches, submit } = setUp({ maxWaitMs: 1_000, maxPendingBytes: 10 });
    void submit('stalled', { once: true });
    await turn();
    const waiting = submit('waiting', { once: true, bytes: 10 });
    await jest.advanceTimersByTimeAsync(1_250);
    await expect(waiting).rejects.toThrow('the store did not write in time');

    // Its place is free again, and it never runs.
    const next = submit('next', { bytes: 10 });
    batches[0]!.end();
    await turn();
    batches[1]!.end();
    await expect(next).resolves.toBe('next done');
    expect(batches[1]!.names).toEqual(['next']);
  });

  it('gives up on a stalled disk only where doing it twice does no harm', async () => {
    const { batches, submit } = setUp({ maxWaitMs: 1_000 });
    const repeatable = submit('accept');
    const claim = submit('claim', { once: true });
    await turn();
    await jest.advanceTimersByTimeAsync(5_000);
    await expect(repeatable).rejects.toThrow(StoreUnavailableError);
    batches[0]!.end();
    await expect(claim).resolves.toBe('claim done');
  });

  it('ends what was submitted before it closes, and takes nothing after', async () => {
    const { queue, batches, submit } = setUp();
    const a = submit('a');
    const closed = queue.close();
    await expect(submit('b')).rejects.toThrow('the store is closed');
    await turn();
    batches[0]!.end();
    await closed;
    await expect(a).resolves.toBe('a done');
    await expect(queue.close()).resolves.toBeUndefined();
  });

  it('leaves no timer behind when it is idle', async () => {
    const { batches, submit } = setUp();
    const a = submit('a');
    await turn();
    batches[0]!.end();
    await a;
    await turn();
    expect(jest.getTimerCount()).toBe(0);
  });
});
