import { type Adapter } from '../adapters/adapter.js';
import { type DestinationConfig } from '../config/config.js';
import { type LiveRuleSet } from '../config/live.js';
import { type AttemptOutcome } from '../domain/attempt.js';
import { nextStep } from '../domain/retry-policy.js';
import { type HttpClient } from '../egress/http-client.js';
import { type MailClient } from '../egress/mail-client.js';
import { type Clock } from '../lib/clock.js';
import { type Json } from '../lib/json.js';
import { type Store, StoreUnavailableError } from '../store/store.js';
import { type AlertGroup, groupAlerts, keyOf } from './group-alerts.js';
import { type PreparedAlert, prepareAlert } from './prepare-alert.js';

/** Makes one attempt in a destination's lane; null: the lane takes nothing now, and nothing was done. */
export type RunInLane = (
  destination: string,
  work: () => Promise<AttemptOutcome>,
) => Promise<AttemptOutcome | null>;

/** What became of one message, for the log and the metrics. */
export interface AlertReport {
  group: AlertGroup;
  result: 'sent' | 'again' | 'gave_up';
  /** Null when no attempt was made. */
  outcome: AttemptOutcome | null;
  /** Why it was given up without an attempt, in words. */
  problem: string | null;
  dueAt: number;
}

export interface AlertSenderOptions {
  store: Pick<Store, 'dueAlerts' | 'settleAlerts'>;
  live: { current(): Pick<LiveRuleSet, 'config' | 'templates'> };
  runInLane: RunInLane;
  http: HttpClient;
  mail: MailClient;
  kinds: ReadonlyMap<string, Adapter>;
  clock: Clock;
  /** From 0 up to, not including, 1; spreads retries. */
  random: () => number;
  print: (line: string) => void;
  observe: (report: AlertReport) => void;
  /** Called when something of our own fails; work goes on by itself. */
  onTrouble: (error: unknown) => void;
  /** Time between two looks. Default 5 s. */
  lookMs?: number;
  /** How long the first alert of a message waits for others of the same burst. Default 2 s. */
  gatherMs?: number;
}

const LOOK_MS = 5_000;
const GATHER_MS = 2_000;
/** Alerts that wait for one entry's destination; nobody reads more of them when it opens again. */
const MOST_WAITING = 100;
/** Pause before the store is asked again after it refused. */
const STORE_PAUSE_MS = 500;

type Message = Extract<PreparedAlert, { state: 'ready' }>;
type Settlement = Pick<AlertReport, 'result' | 'dueAt'>;

/**
 * Sends what is due, one message for each entry of `alerts:`, through the lane of its destination. What fails is tried
 * again by the destination's schedule and then given up: logged and counted, never an alert of its own.
 */
export class AlertSender {
  readonly #abort = new AbortController();
  /** One message at a time for each entry: what comes meanwhile gathers for the next. */
  readonly #underWay = new Map<number, Promise<void>>();
  /** What the last attempt left behind, such as the addresses still to be reached; by idempotency key. */
  readonly #progress = new Map<string, Json>();
  #timers: NodeJS.Timeout[] = [];
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;
  #stopping = false;

  constructor(private readonly options: AlertSenderOptions) {}

  start(): void {
    this.#timers.push(setInterval(() => this.#startLook(), this.options.lookMs ?? LOOK_MS));
  }

  /** New alerts are in the store: they go out when the rest of the burst had time to come. */
  wake(): void {
    if (this.#stopping) return;
    const timer = setTimeout(() => {
      this.#timers = this.#timers.filter((one) => one !== timer);
      this.#startLook();
    }, this.options.gatherMs ?? GATHER_MS);
    this.#timers.push(timer);
  }

  /** Starts nothing new and waits for what is under way, at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const deadline = setTimeout(() => this.#abort.abort(), graceMs);
    await this.#looking;
    await Promise.allSettled(this.#underWay.values());
    clearTimeout(deadline);
  }

  #startLook(): void {
    if (this.#isLooking || this.#stopping) return;
    this.#isLooking = true;
    this.#looking = this.#look()
      .catch((error: unknown) => this.options.onTrouble(error))
      .finally(() => {
        this.#isLooking = false;
      });
  }

  async #look(): Promise<void> {
    const { store, clock, gatherMs = GATHER_MS } = this.options;
    const now = clock.now();
    for (const group of groupAlerts(await store.dueAlerts(now), now, gatherMs))
      if (!this.#underWay.has(group.entry) && !this.#stopping) this.#track(group);
  }

  #track(group: AlertGroup): void {
    const work = this.#carry(group)
      .catch((error: unknown) => this.options.onTrouble(error))
      .finally(() => this.#underWay.delete(group.entry));
    this.#underWay.set(group.entry, work);
  }

  async #carry(group: AlertGroup): Promise<void> {
    const message = prepareAlert(group, this.options.live.current());
    if (message.state === 'waits') return this.#giveUpOldest(group);
    if (message.state === 'hopeless') return this.#giveUp(group, message.problem);
    const { destination } = message;
    const outcome = await this.options.runInLane(destination.name, () => this.#send(group, message));
    if (outcome === null) return this.#giveUpOldest(group);
    this.#keepProgress(group, outcome);
    const settlement = this.#whatFollows(group, destination, outcome);
    if (settlement !== null) await this.#settle({ group, outcome, problem: null, ...settlement });
  }

  #keepProgress(group: AlertGroup, outcome: AttemptOutcome): void {
    const left = outcome.outcome === 'delivered' ? undefined : outcome.progress;
    if (left === undefined) this.#progress.delete(keyOf(group));
    else this.#progress.set(keyOf(group), left);
  }

  /** A destination that is closed for weeks must not fill the list of what is due, in which others stand, too. */
  async #giveUpOldest({ alerts, ...group }: AlertGroup): Promise<void> {
    const [oldest, ...others] = alerts.slice(0, Math.max(0, alerts.length - MOST_WAITING));
    if (oldest)
      await this.#giveUp({ ...group, alerts: [oldest, ...others] }, 'its destination takes nothing');
  }

  #giveUp(group: AlertGroup, problem: string): Promise<void> {
    const dueAt = this.options.clock.now();
    return this.#settle({ group, result: 'gave_up', outcome: null, problem, dueAt });
  }

  /** One attempt; what an adapter throws is our own fault, and is tried again. */
  async #send(group: AlertGroup, { destination, operation, input }: Message): Promise<AttemptOutcome> {
    const { http, mail, kinds, clock, print } = this.options;
    const idempotencyKey = keyOf(group);
    try {
      return await destination.adapter.send({
        ...{ operation, input, http, mail, kinds, print, idempotencyKey },
        options: destination.options,
        destination: destination.name,
        progress: this.#progress.get(idempotencyKey) ?? null,
        signal: this.#abort.signal,
        timeoutMs: destination.timeoutMs,
        now: clock.now(),
        // There is no event; a kind that forwards the event as it came in has a body of ours instead.
        event: { id: '', status: 'accepted', raw: new Uint8Array(), contentType: null },
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { outcome: 'retry', reason: 'internal', message };
    }
  }

  /** Null where no attempt is charged: the alerts stay due, and the lane says when it takes them. */
  #whatFollows(
    { alerts }: AlertGroup,
    destination: DestinationConfig,
    outcome: AttemptOutcome,
  ): Settlement | null {
    const { clock, random } = this.options;
    const now = clock.now();
    const [{ attemptCount }] = alerts;
    const { retryWaitsMs: waitsMs } = destination;
    const counts = { chargedCount: attemptCount, attemptCount };
    const step = nextStep(
      outcome,
      { ...counts, waitsMs, ifUnknown: 'retry', closedUntil: null, now },
      random,
    );
    if (step.state === 'delivered') return { result: 'sent', dueAt: now };
    if (step.state === 'dead') return { result: 'gave_up', dueAt: now };
    return step.charged && !this.#abort.signal.aborted ? { result: 'again', dueAt: step.dueAt } : null;
  }

  /** What was sent must not be sent again because the disk was full for a while. */
  async #settle(report: AlertReport): Promise<void> {
    const { store, clock, onTrouble, observe } = this.options;
    const { group, result: outcome, dueAt } = report;
    observe(report);
    const ids = group.alerts.map(({ id }) => id);
    for (;;) {
      try {
        return await store.settleAlerts({ ids, now: clock.now(), outcome, dueAt });
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || this.#stopping) throw error;
        onTrouble(error);
        await new Promise((resolve) => setTimeout(resolve, STORE_PAUSE_MS));
      }
    }
  }
}
