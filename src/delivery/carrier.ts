import { type AttemptOutcome } from '../domain/attempt.js';
import { NOT_YET, type StoredReason } from '../domain/delivery.js';
import { type NextStep, nextStep } from '../domain/retry-policy.js';
import { type Permit } from '../queue/queue.js';
import { type ClaimedDelivery, type DeliveryUpdate, StoreUnavailableError } from '../store/store.js';
import { type Taken } from './claim-wanted.js';
import { type Lane } from './lane.js';
import { FOUND_LATE } from './judge-lateness.js';
import { type Gated, passGates } from './pass-gates.js';
import { sendDelivery } from './send-delivery.js';
import { type SendTools } from './send-tools.js';

/** Everything known about one attempt, for the one wide log line and the metrics. */
export interface AttemptReport {
  claimed: ClaimedDelivery;
  result: AttemptOutcome;
  state: string;
  /** When the next one follows: when it is due and its lane is open. */
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

/** A delivery whose next state is on disk. */
export interface Recorded {
  destination: string;
  state: DeliveryUpdate['state'];
  dueAt: number;
  ordered: boolean;
  /** Destinations of what waited for it and is due now. */
  due: readonly string[];
  /** When what was planned because of it is due; null: nothing was. */
  nextDueAt: number | null;
}

/** Pause before the store is asked again after it refused. */
export const STORE_PAUSE_MS = 500;

type Change = Pick<DeliveryUpdate, 'state' | 'dueAt' | 'attempt' | 'next'> & { reason: StoredReason | null };
type Ready = Extract<Gated, { state: 'ready' }>;

/** What became of a claimed delivery. */
export interface Carried {
  /** Whether a request was sent. */
  made: boolean;
  /** Resolves when what followed is on record. */
  recorded: Promise<void>;
}

const NOT_MADE: Carried = { made: false, recorded: Promise.resolve() };

/** Where an attempt is made, and what allows it. */
interface Place {
  lane: Lane;
  isProbe: boolean;
  permit: Permit;
}

/** Carries one claimed delivery to its next state: gates, a slot of its lane, one attempt, the record. */
export class Carrier {
  readonly #abort = new AbortController();
  readonly #records = new Set<Promise<void>>();
  #stopping = false;

  constructor(
    private readonly options: CarrierOptions,
    private readonly onRecorded: (recorded: Recorded) => void,
  ) {}

  /** Aborted when the process ends before what is under way does. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /**
   * Resolves when the lane's slot is free again; the record of the attempt may still be on its way.
   */
  async carry({ claimed, asProbe, permit }: Taken, lane: Lane): Promise<Carried> {
    const gated = await this.#passGates(claimed);
    if (gated === null) return NOT_MADE;
    return lane.run(() => this.#attempt(claimed, gated, { lane, isProbe: asProbe, permit }));
  }

  /** Null: it goes another way, and that is on record. */
  async #passGates(claimed: ClaimedDelivery): Promise<Ready | null> {
    return this.#settle(claimed, await passGates(this.options, claimed).catch(asError));
  }

  /** What may change while it waits for its slot is asked in it, right before the attempt. */
  async #passLastGate(claimed: ClaimedDelivery, ready: Ready): Promise<Ready | null> {
    if (ready.lastGate === null) return ready;
    const gated = await ready.lastGate().catch(asError);
    if (gated === null) return ready;
    const other = await this.#settle(claimed, gated);
    return other && this.#passLastGate(claimed, other);
  }

  async #settle(claimed: ClaimedDelivery, gated: Gated | Error): Promise<Ready | null> {
    if (gated instanceof Error) await this.#giveBack(claimed, gated);
    else if (gated.state === 'ready') return gated;
    else if (gated.state === 'pending') await this.#letWait(claimed, gated.reason);
    else if (gated.state === 'later') await this.#record(claimed, { ...gated, state: 'pending' });
    else if (gated.state === 'too_early')
      await this.#record(claimed, { state: 'pending', reason: 'waits_for', dueAt: NOT_YET });
    else if (gated.state !== 'lost') await this.#record(claimed, { ...gated, dueAt: claimed.delivery.dueAt });
    return null;
  }

  /** Nothing was sent yet; left in `sending` it would stay there until the next start. */
  async #giveBack(claimed: ClaimedDelivery, error: Error): Promise<void> {
    const { clock, onTrouble } = this.options;
    onTrouble(error);
    const { ordered, dueAt } = claimed.delivery;
    // Due later, an ordered one that was never tried would let the next of its contact pass.
    const againAt = ordered ? dueAt : clock.now() + STORE_PAUSE_MS;
    if (error instanceof StoreUnavailableError)
      await this.#record(claimed, { state: 'pending', reason: reasonOf(claimed), dueAt: againAt });
    else await this.#record(claimed, { state: 'held', reason: 'internal', dueAt });
  }

  /** It keeps its time, and so its place: the lane says when it goes on. */
  async #letWait(claimed: ClaimedDelivery, why: StoredReason | null): Promise<void> {
    const before = reasonOf(claimed);
    // These are for the gates: whether it may be sent again, and whether its window counts.
    const reason = before === 'unknown' || before === FOUND_LATE ? before : why;
    await this.#record(claimed, { state: 'pending', reason, dueAt: claimed.delivery.dueAt });
  }

  async #attempt(claimed: ClaimedDelivery, asked: Ready, place: Place): Promise<Carried> {
    const { clock } = this.options;
    const { lane, isProbe } = place;
    // The lane was closed, or the process is stopping, while this one waited for a slot.
    if (!(await this.#mayStart(claimed, place))) return NOT_MADE;
    const ready = await this.#passLastGate(claimed, asked);
    // The last gate may have taken longer than the permit lasts.
    if (ready === null || !(await this.#mayStart(claimed, place))) return NOT_MADE;
    const startedAt = clock.now();
    const result = await sendDelivery(this.options, claimed, ready, this.#abort.signal);
    const now = clock.now();
    const step = this.#follow(claimed, ready, result, { lane, isProbe, now });
    const { state, reason, dueAt, charged } = step;
    const durationMs = now - startedAt;
    const attempt = { startedAt, durationMs, result, charged };
    const next = state === 'delivered' ? (ready.planNext(now) ?? undefined) : undefined;
    // The slot is free as soon as the answer is there: recording is awaited by the claim, not by the lane.
    const recorded = this.#keep(this.#record(claimed, { state, reason, dueAt, attempt, next }));
    const nextAt = Math.max(dueAt, lane.gate.closure(now)?.opensAt ?? 0);
    this.options.observe({ claimed, result, state, dueAt: nextAt, durationMs });
    return { made: true, recorded };
  }

  async #mayStart(claimed: ClaimedDelivery, { lane, isProbe, permit }: Place): Promise<boolean> {
    const now = this.options.clock.now();
    const refusal = lane.gate.refusal(now, isProbe);
    if (refusal === null && !this.#stopping && now <= permit.startBy) return true;
    await this.#letWait(claimed, refusal ?? reasonOf(claimed));
    return false;
  }

  /** The lane learns from the outcome first: it says whether the attempt is charged. */
  #follow(
    { delivery }: ClaimedDelivery,
    { terms }: Ready,
    result: AttemptOutcome,
    { lane, isProbe, now }: { lane: Lane; isProbe: boolean; now: number },
  ): NextStep {
    const { chargedCount } = delivery;
    const { retryWaitsMs: waitsMs, ifUnknown } = terms;
    // What we cut off ourselves, because the process ends, is no failure of the destination.
    const isCutOff = this.#abort.signal.aborted;
    const closedUntil = isCutOff ? now : lane.gate.judge(result, { now, isProbe });
    return nextStep(result, { chargedCount, waitsMs, ifUnknown, closedUntil, now }, this.options.random);
  }

  #keep(record: Promise<void>): Promise<void> {
    const kept = record
      .catch((error: unknown) => this.options.onTrouble(error))
      .finally(() => this.#records.delete(kept));
    this.#records.add(kept);
    return kept;
  }

  /** An attempt that was made must not be forgotten because the disk was full for a while. */
  async #record({ delivery }: ClaimedDelivery, change: Change): Promise<void> {
    const { store, clock } = this.options;
    for (;;) {
      try {
        const { id, fence, destination, ordered } = delivery;
        const { due } = await store.update({ id, fence, now: clock.now(), ...change });
        const nextDueAt = change.next?.state === 'pending' ? change.next.dueAt : null;
        return this.onRecorded({
          destination,
          ordered,
          state: change.state,
          dueAt: change.dueAt,
          due,
          nextDueAt,
        });
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

/** What stands in the store is a word of the list already. */
function reasonOf({ delivery }: ClaimedDelivery): StoredReason | null {
  return delivery.reason as StoredReason | null;
}
