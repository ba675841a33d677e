import { type Clock } from '../lib/clock.js';
import { type ProcessReport, type Store, type StoredProcess } from '../store/store.js';

const BEAT_MS = 5_000;
/** A process that was not heard of for so long is taken for gone. */
const SILENT_MS = 20_000;
/** Due times go by the clock of the process, leases by that of the store. */
const CLOCK_APART_MS = 2_000;

export interface HeartbeatOptions {
  store: Pick<Store, 'beat' | 'signOff' | 'listProcesses' | 'isShared'>;
  clock: Clock;
  report: () => ProcessReport;
  /** Told of the clock once per start and whenever it went wrong. */
  onClockApart: (apartMs: number) => void;
  onTrouble: (error: unknown) => void;
}

/** Tells the others that this process is there and how its lanes are, and keeps what they tell. */
export class Heartbeat {
  #others: StoredProcess[] = [];
  #wasApart = false;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> = Promise.resolve();

  constructor(private readonly options: HeartbeatOptions) {}

  /** Every process that works on the store, this one included; a shared store tells, else there is this one. */
  async processes(): Promise<StoredProcess[]> {
    const { store, clock, report } = this.options;
    if (!store.isShared) return [{ ...report(), seenAt: clock.now() }];
    return store.listProcesses(SILENT_MS);
  }

  /** What the other processes said last; up to five seconds old. */
  others(): readonly StoredProcess[] {
    return this.#others;
  }

  async start(): Promise<void> {
    if (!this.options.store.isShared) return;
    await this.#beat();
    this.#timer = setInterval(() => {
      this.#beating = this.#beat();
    }, BEAT_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    await this.#beating;
    const { store, report, onTrouble } = this.options;
    await store.signOff(report().id).catch(onTrouble);
  }

  async #beat(): Promise<void> {
    const { store, clock, report, onTrouble } = this.options;
    try {
      const own = report();
      const before = clock.now();
      const storeNow = await store.beat(own);
      this.#compareClocks(storeNow, before, clock.now());
      this.#others = (await store.listProcesses(SILENT_MS)).filter(({ id }) => id !== own.id);
    } catch (error) {
      onTrouble(error);
    }
  }

  /** The store's time was read somewhere between `before` and `after`. */
  #compareClocks(storeNow: number, before: number, after: number): void {
    const apartMs = Math.max(before - storeNow, storeNow - after, 0);
    const isApart = apartMs > CLOCK_APART_MS;
    if (isApart && !this.#wasApart) this.options.onClockApart(apartMs);
    this.#wasApart = isApart;
  }
}
