import { type Adapter } from '../adapters/adapter.js';
import { type AttemptOutcome } from '../domain/attempt.js';
import { type HttpClient } from '../egress/http-client.js';
import { type MailClient } from '../egress/mail-client.js';
import { type Clock } from '../lib/clock.js';
import { type Json } from '../lib/json.js';
import { type AlertGroup, keyOf } from './group-alerts.js';
import { type ReadyAlert } from './prepare-alert.js';

/**
 * Makes one attempt in a destination's lane. `ran: false`: the lane takes nothing now, and nothing was done. `signal`
 * is aborted when the process ends first.
 */
export type RunInLane = (
  destination: string,
  work: (signal: AbortSignal) => Promise<AttemptOutcome>,
) => Promise<{ ran: true; result: AttemptOutcome } | { ran: false }>;

export interface AlertAttemptOptions {
  runInLane: RunInLane;
  http: HttpClient;
  mail: MailClient;
  kinds: ReadonlyMap<string, Adapter>;
  clock: Clock;
  print: (line: string) => void;
}

/** Makes the attempts of alerts, each in the lane of its destination. */
export class AlertAttempts {
  /** Destinations whose lane learns at this moment how an attempt of ours ended. */
  readonly #judged = new Set<string>();
  /** What the last attempt left behind, such as the addresses still to be reached; by idempotency key. */
  readonly #progress = new Map<string, Json>();

  constructor(private readonly options: AlertAttemptOptions) {}

  /** True while the lane of a destination learns how an attempt of ours ended. */
  isJudged(destination: string): boolean {
    return this.#judged.has(destination);
  }

  /** Null: the lane takes nothing now. `wasCutOff`: the process ends, which is no failure of the destination. */
  async make(
    group: AlertGroup,
    message: ReadyAlert,
  ): Promise<{ outcome: AttemptOutcome; wasCutOff: boolean } | null> {
    const { name } = message.destination;
    let wasCutOff = false;
    try {
      const run = await this.options.runInLane(name, async (signal) => {
        const outcome = await this.#send(group, message, signal);
        wasCutOff = signal.aborted;
        this.#judged.add(name);
        return outcome;
      });
      if (!run.ran) return null;
      this.#keepProgress(group, run.result);
      return { outcome: run.result, wasCutOff };
    } finally {
      this.#judged.delete(name);
    }
  }

  /** What an adapter throws is our own fault, and is tried again. */
  async #send(
    group: AlertGroup,
    { destination, operation, input }: ReadyAlert,
    signal: AbortSignal,
  ): Promise<AttemptOutcome> {
    const { http, mail, kinds, clock, print } = this.options;
    const idempotencyKey = keyOf(group);
    try {
      return await destination.adapter.send({
        ...{ operation, input, http, mail, kinds, print, idempotencyKey, signal },
        options: destination.options,
        destination: destination.name,
        progress: this.#progress.get(idempotencyKey) ?? null,
        timeoutMs: destination.timeoutMs,
        now: clock.now(),
        // There is no event; a kind that forwards the event as it came in has a body of ours instead.
        event: { id: '', status: 'accepted', raw: new Uint8Array(), contentType: null },
        call: { source: '', id: null, contact: null, action: 'alerts' },
        // An alert is told anew and never edited.
        links: { find: () => Promise.resolve(null) },
        mayHaveArrived: false,
        isReleased: false,
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { outcome: 'retry', reason: 'internal', message };
    }
  }

  #keepProgress(group: AlertGroup, outcome: AttemptOutcome): void {
    const left = outcome.outcome === 'delivered' ? undefined : outcome.progress;
    if (left === undefined) this.#progress.delete(keyOf(group));
    else this.#progress.set(keyOf(group), left);
  }
}
