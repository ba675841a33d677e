import { type Decision } from '../../domain/decision.js';
import { type Delivery, type DeliveryState } from '../../domain/delivery.js';
import { type Read, type ReadResults } from '../reads.js';
import {
  type AcceptResult,
  type Attempt,
  type ClaimedDelivery,
  type ClaimRequest,
  type DeliveryFilter,
  type DeliveryUpdate,
  type NewEvent,
  type Store,
} from '../store.js';
import { WriteQueue, type WriteQueueLimits } from '../write-queue.js';
import { type Write, type WriteResults } from '../writes.js';
import { type Backend, openInline } from './backend.js';
import { openThreaded } from './threaded.js';

export interface SqliteStoreOptions {
  /** Path of the database; its folder is made. */
  file: string;
  /** Runs the database on a thread of its own. Only from compiled files. */
  thread: boolean;
  /** Default false. Needs an existing file of the current schema; works beside a running server. */
  readOnly?: boolean;
  /** Default: the system clock. */
  now?: () => number;
  /** How long a write waits while another program has the file locked. Default 1000. */
  busyTimeoutMs?: number;
  /** Bounds of what may wait to be written. */
  limits?: Partial<WriteQueueLimits>;
}

/**
 * Opens the embedded store. Only one process at a time may have it open for writing.
 * @throws {StoreRefusedError} with one line for a person.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, readOnly, busyTimeoutMs } = options;
  const open = options.thread ? openThreaded : openInline;
  return new SqliteStore(await open({ file, readOnly, busyTimeoutMs }), options);
}

class SqliteStore implements Store {
  readonly #backend: Backend;
  readonly #queue: WriteQueue<Write>;
  readonly #now: () => number;

  constructor(backend: Backend, { now = Date.now, limits }: SqliteStoreOptions) {
    this.#backend = backend;
    this.#now = now;
    this.#queue = new WriteQueue({ run: (batch) => backend.apply(batch), sizeOf, isRepeatable, limits });
  }

  accept(event: NewEvent): Promise<AcceptResult> {
    return this.#write({ do: 'accept', event });
  }

  claim(request: ClaimRequest): Promise<ClaimedDelivery[]> {
    return this.#write({ do: 'claim', request });
  }

  saveInput(id: string, fence: number, input: string): Promise<boolean> {
    return this.#write({ do: 'saveInput', id, fence, input });
  }

  update(update: DeliveryUpdate): Promise<boolean> {
    return this.#write({ do: 'update', update });
  }

  recover(now: number): Promise<number> {
    return this.#write({ do: 'recover', now });
  }

  async saveRuleSet(fingerprint: string, content: string): Promise<void> {
    await this.#write({ do: 'saveRuleSet', fingerprint, content, now: this.#now() });
  }

  settle(key: string, value: string): Promise<string> {
    return this.#write({ do: 'settle', key, value });
  }

  async probe(): Promise<void> {
    await this.#write({ do: 'probe', now: this.#now() });
  }

  nextDueAt(): Promise<number | null> {
    return this.#read({ get: 'nextDueAt' });
  }

  pendingDestinations(): Promise<string[]> {
    return this.#read({ get: 'pendingDestinations' });
  }

  countDeliveries(): Promise<Partial<Record<DeliveryState, number>>> {
    return this.#read({ get: 'countDeliveries' });
  }

  loadRuleSet(fingerprint: string): Promise<string | null> {
    return this.#read({ get: 'ruleSet', fingerprint });
  }

  findEvent(id: string): Promise<ReadResults['event']> {
    return this.#read({ get: 'event', id });
  }

  findDecisions(eventId: string): Promise<Decision[]> {
    return this.#read({ get: 'decisions', eventId });
  }

  findDelivery(id: string): Promise<Delivery | null> {
    return this.#read({ get: 'delivery', id });
  }

  listDeliveries(filter: DeliveryFilter): Promise<Delivery[]> {
    return this.#read({ get: 'deliveries', filter });
  }

  listAttempts(deliveryId: string): Promise<Attempt[]> {
    return this.#read({ get: 'attempts', deliveryId });
  }

  async close(): Promise<void> {
    await this.#queue.close();
    await this.#backend.close();
  }

  async #write<Kind extends Write['do']>(write: Write & { do: Kind }): Promise<WriteResults[Kind]> {
    return (await this.#queue.submit(write)) as WriteResults[Kind];
  }

  async #read<Kind extends Read['get']>(read: Read & { get: Kind }): Promise<ReadResults[Kind]> {
    return (await this.#backend.query(read)) as ReadResults[Kind];
  }
}

/** What a row takes beside its bytes and texts, roughly. */
const ROW_BYTES = 512;

function sizeOf(write: Write): number {
  if (write.do === 'saveInput') return ROW_BYTES + write.input.length;
  if (write.do === 'saveRuleSet') return ROW_BYTES + write.content.length;
  if (write.do !== 'accept') return ROW_BYTES;
  const { raw, decisions, deliveries } = write.event;
  const inputs = deliveries.reduce((sum, { input }) => sum + (input?.length ?? 0), 0);
  return raw.byteLength + inputs + ROW_BYTES * (1 + decisions.length + deliveries.length);
}

/** An event that is sent again is found to be a duplicate; a claim that nobody waits for would be lost. */
function isRepeatable(write: Write): boolean {
  return write.do !== 'claim' && write.do !== 'update' && write.do !== 'saveInput' && write.do !== 'recover';
}
