import { Worker } from 'node:worker_threads';
import { type Backend } from '../backend.js';
import { mayTakeLong, type Read } from '../reads.js';
import { StoreUnavailableError } from '../store.js';
import { type Settled } from '../write-queue.js';
import { type Write } from '../writes.js';
import { type SqliteEngineOptions } from './engine.js';
import { type Answer, packWrites, type Reply, type Request, toSettled } from './messages.js';

/** Beside this file, with the same ending: sources may be run by a loader that reads TypeScript. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

type Body = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Opens the file on a thread of its own. @throws {StoreRefusedError} when it cannot be opened. */
export async function openThreaded(options: SqliteEngineOptions): Promise<Backend> {
  const writer = await openThread(options);
  return options.readOnly === true ? writer : new SplitBackend(writer, options);
}

async function openThread(options: SqliteEngineOptions): Promise<ThreadedBackend> {
  const backend = new ThreadedBackend(options);
  await backend.opened;
  return backend;
}

/**
 * Reads that may take long go to a second thread, which is started by the first of them: in WAL mode a reader
 * never gets in the writer's way, and it sees all that was answered as written.
 */
class SplitBackend implements Backend {
  #reader: Promise<ThreadedBackend> | null = null;

  constructor(
    private readonly writer: ThreadedBackend,
    private readonly options: SqliteEngineOptions,
  ) {}

  apply(writes: Write[]): Promise<Settled[]> {
    return this.writer.apply(writes);
  }

  async query(read: Read): Promise<unknown> {
    const backend = mayTakeLong(read) && !this.writer.isDead ? await this.#openReader() : this.writer;
    return backend.query(read);
  }

  async close(): Promise<void> {
    const reader = await this.#reader?.catch(() => null);
    await reader?.close();
    await this.writer.close();
  }

  /** One that could not be opened, or died, is opened anew. */
  async #openReader(): Promise<ThreadedBackend> {
    this.#reader ??= openThread({ ...this.options, readOnly: true });
    const opening = this.#reader;
    const reader = await opening.catch(() => null);
    if (reader?.isDead === false) return reader;
    if (this.#reader === opening) this.#reader = null;
    throw new StoreUnavailableError('the store is unavailable: it cannot be opened for reading');
  }
}

/**
 * The engine on a worker thread, so that a stalled disk stops neither the event loop nor the health page.
 * A worker that dies is not started again: whatever comes then is refused.
 */
class ThreadedBackend implements Backend {
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #dead: StoreUnavailableError | null = null;

  constructor(options: SqliteEngineOptions) {
    this.#worker = new Worker(WORKER, { workerData: options });
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#worker.on('error', (error: Error) => this.#die(error.message));
    this.#worker.on('exit', () => this.#die('it ended'));
    this.opened = this.#expect(0);
  }

  get isDead(): boolean {
    return this.#dead !== null;
  }

  async apply(writes: Write[]): Promise<Settled[]> {
    const packed = packWrites(writes);
    const answers = await this.#ask({ do: 'apply', ...packed }, [packed.bytes]);
    return (answers as Answer[]).map(toSettled);
  }

  query(read: Read): Promise<unknown> {
    return this.#ask({ do: 'query', read }, []);
  }

  async close(): Promise<void> {
    if (this.#dead !== null) return;
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.#ask({ do: 'close' }, []);
    await ended;
  }

  #ask(body: Body, transfer: ArrayBuffer[]): Promise<unknown> {
    if (this.#dead !== null) return Promise.reject(this.#dead);
    const id = ++this.#lastId;
    const answer = this.#expect(id);
    this.#worker.postMessage({ ...body, id }, transfer);
    return answer;
  }

  #expect(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    const settled = toSettled(reply);
    if ('error' in settled) pending?.reject(settled.error);
    else pending?.resolve(settled.value);
  }

  #die(why: string): void {
    this.#dead ??= new StoreUnavailableError(`the store is unavailable: its thread stopped (${why})`);
    for (const pending of this.#pending.values()) pending.reject(this.#dead);
    this.#pending.clear();
  }
}
