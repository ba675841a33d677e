import { type AttemptOutcome } from '../domain/attempt.js';
import { type NextStep, nextStep } from '../domain/retry-policy.js';
import { type ClaimedDelivery, type DeliveryUpdate, StoreUnavailableError } from '../store/store.js';
import { type Lane } from './lane.js';
import { type Gated, type SendTools, passGates, sendDelivery } from './send-delivery.js';

/** Everything known about one attempt, for the one wide log line and the metrics. */
export interface AttemptReport {
  claimed: ClaimedDelivery;
  result: AttemptOutcome;
  state: string;
  dueAt: number;
  durationMs: number;
}

export interface CarrierOptions extends SendTools {
  /** From 0 up to, not including, 1; spreads retries. */
  random: () => number;
  /** Called once per recorded attempt. */
  observe: (report: AttemptReport) => void;
  /** Called when something of our own fails; work goes on by itself. */
  onTrouble: (error: unknown) => void;
}

/** Pause before the store is asked again after it refused. */
export const STORE_PAUSE_MS = 500;
/** How long a delivery to a disabled destination waits before it looks again. */
const DISABLED_PAUSE_MS = 60_000;

type Change = Pick<DeliveryUpdate, 'state' | 'reason' | 'dueAt' | 'attempt'>;
type Ready = Extract<Gated, { state: 'ready' }>;

/** Carries one claimed delivery to its next state: gates, a slot of its lane, one attempt, the record. */
export class Carrier {
  readonly #abort = new AbortController();
  readonly #records = new Set<Promise<void>>();
  #stopping = false;

  constructor(
    private readonly options: CarrierOptions,
    /** Told of every delivery that becomes pending again, and when it is due. */
    private readonly onPending: (dueAt: number) => void,
  ) {}

  /** Resolves when the lane's slot is free again; the record of the attempt may still be on its way. */
  async carry(claimed: ClaimedDelivery, lane: Lane): Promise<void> {
    const gated = await passGates(this.options, claimed).catch((error: unknown) => asError(error));
    if (gated instanceof Error) return this.#giveBack(claimed, gated);
    if (gated.state === 'lost') return;
    if (gated.state !== 'ready') return this.#settle(claimed, gated);
    await lane.run(() => this.#attempt(claimed, gated, lane));
  }

  /** Nothing was sent yet; left in `sending` it would stay there until the next start. */
  async #giveBack(claimed: ClaimedDelivery, error: Error): Promise<void> {
    const { clock, onTrouble } = this.options;
    onTrouble(error);
    const dueAt = clock.now() + STORE_PAUSE_MS;
    const { reason } = claimed.delivery;
    if (error instanceof StoreUnavailableError)
      await this.#record(claimed, { state: 'pending', reason, dueAt });
    else await this.#record(claimed, { state: 'held', reason: 'internal', dueAt });
  }

  async #settle(claimed: ClaimedDelivery, gated: Exclude<Gated, { state: 'ready' | 'lost' }>): Promise<void> {
    const now = this.options.clock.now();
    const dueAt = gated.state === 'pending' ? now + DISABLED_PAUSE_MS : claimed.delivery.dueAt;
    await this.#record(claimed, { state: gated.state, reason: gated.reason, dueAt });
  }

  async #attempt(claimed: ClaimedDelivery, ready: Ready, lane: Lane): Promise<void> {
    const { clock } = this.options;
    const startedAt = clock.now();
    // The lane was paused, or the process is stopping, while this one waited for a slot: give it back.
    if (lane.isPaused(startedAt) || this.#stopping) {
      const dueAt = lane.opensAt(startedAt) ?? startedAt;
      return this.#record(claimed, { state: 'pending', reason: claimed.delivery.reason, dueAt });
    }
    const result = await sendDelivery(this.options, claimed, ready, this.#abort.signal);
    const now = clock.now();
    const step = this.#nextStep(claimed, ready, result, now);
    if (step.pauseLaneUntil !== null) lane.pauseUntil(step.pauseLaneUntil);
    const durationMs = now - startedAt;
    const attempt = { startedAt, durationMs, result, charged: step.charged };
    const reason = step.state === 'delivered' ? null : 'reason' in result ? result.reason : null;
    // The slot is free as soon as the answer is there: recording is awaited by the claim, not by the lane.
    this.#keep(this.#record(claimed, { state: step.state, reason, dueAt: step.dueAt, attempt }));
    this.options.observe({ claimed, result, state: step.state, dueAt: step.dueAt, durationMs });
  }

  /** What we cut off ourselves, because the process ends, is no failure of the destination. */
  #nextStep({ delivery }: ClaimedDelivery, ready: Ready, result: AttemptOutcome, now: number): NextStep {
    const isFinal = result.outcome === 'delivered' || result.outcome === 'rejected';
    if (this.#abort.signal.aborted && !isFinal)
      return { state: 'pending', dueAt: now, charged: false, pauseLaneUntil: null };
    return nextStep(result, delivery, ready.destination.retryWaitsMs, now, this.options.random);
  }

  #keep(record: Promise<void>): void {
    const kept = record
      .catch((error: unknown) => this.options.onTrouble(error))
      .finally(() => this.#records.delete(kept));
    this.#records.add(kept);
  }

  /** An attempt that was made must not be forgotten because the disk was full for a while. */
  async #record({ delivery }: ClaimedDelivery, change: Change): Promise<void> {
    const { store, clock } = this.options;
    for (;;) {
      try {
        await store.update({ id: delivery.id, fence: delivery.fence, now: clock.now(), ...change });
        if (change.state === 'pending') this.onPending(change.dueAt);
        return;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || this.#abort.signal.aborted) throw error;
        this.options.onTrouble(error);
        await new Promise((resolve) => setTimeout(resolve, STORE_PAUSE_MS));
      }
    }
  }

  /** From now on nothing is sent that was not under way: it is given back instead. */
  stopSending(): void {
    this.#stopping = true;
  }

  /** Cuts off what is under way. */
  abort(): void {
    this.#abort.abort();
  }

  /** Resolves when every attempt so far is recorded. */
  async recorded(): Promise<void> {
    while (this.#records.size > 0) await Promise.allSettled(this.#records);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
