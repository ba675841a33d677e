import { type LiveRuleSet } from '../config/live.js';
import { type AttemptOutcome } from '../domain/attempt.js';
import { nextStep } from '../domain/retry-policy.js';
import { type Store, StoreUnavailableError } from '../store/store.js';
import { AlertAttempts, type AlertAttemptOptions } from './alert-attempts.js';
import { type AlertGroup, groupAlerts } from './group-alerts.js';
import { prepareAlert, type ReadyAlert } from './prepare-alert.js';

/** What became of one message, for the log and the metrics. */
export interface AlertReport {
  group: AlertGroup;
  /** `waits`: an attempt that is not charged; the lane says when the next one may be. */
  result: 'sent' | 'again' | 'waits' | 'gave_up';
  /** Null when no attempt was made. */
  outcome: AttemptOutcome | null;
  /** Why it was given up without an attempt, in words. */
  problem: string | null;
  dueAt: number;
}

export interface AlertSenderOptions extends AlertAttemptOptions {
  store: Pick<Store, 'dueAlerts' | 'settleAlerts'>;
  live: { current(): Pick<LiveRuleSet, 'config' | 'templates' | 'rules'> };
  /** From 0 up to, not including, 1; spreads retries. */
  random: () => number;
  observe: (report: AlertReport) => void;
  /** Whether this process sends for all. Default: it does. */
  leads?: () => boolean;
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

type Settlement = Pick<AlertReport, 'result' | 'dueAt'>;

/**
 * Sends what is due, one message for each entry of `alerts:`, through the lane of its destination. What fails is tried
 * again by the destination's schedule and then given up: logged and counted, never an alert of its own.
 */
export class AlertSender {
  /** One message at a time for each entry: what comes meanwhile gathers for the next. */
  readonly #underWay = new Map<number, Promise<void>>();
  readonly #attempts: AlertAttempts;
  #timers: NodeJS.Timeout[] = [];
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;
  #stopping = false;

  constructor(private readonly options: AlertSenderOptions) {
    this.#attempts = new AlertAttempts(options);
  }

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

  /** Starts nothing new and waits for what is under way; the lanes cut it off when the process must end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#looking;
    await Promise.allSettled(this.#underWay.values());
  }

  /** True while the lane of a destination learns how an attempt of ours ended. */
  isJudged(destination: string): boolean {
    return this.#attempts.isJudged(destination);
  }

  #startLook(): void {
    if (this.#isLooking || this.#stopping || this.options.leads?.() === false) return;
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
    const attempt = await this.#attempts.make(group, message);
    if (attempt === null) return this.#giveUpOldest(group);
    const { outcome, wasCutOff } = attempt;
    const isFinal = outcome.outcome === 'delivered' || outcome.outcome === 'rejected';
    if (wasCutOff && !isFinal) return;
    await this.#settle({ group, outcome, problem: null, ...this.#whatFollows(group, outcome, message) });
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

  #whatFollows({ alerts }: AlertGroup, outcome: AttemptOutcome, { destination }: ReadyAlert): Settlement {
    const { clock, random } = this.options;
    const [{ attemptCount }] = alerts;
    const counts = { attemptCount, chargedCount: attemptCount, waitsMs: destination.retryWaitsMs };
    const situation = { ...counts, ifUnknown: 'retry' as const, closedUntil: null, now: clock.now() };
    const { state, dueAt, charged } = nextStep(outcome, situation, random);
    if (state === 'delivered') return { result: 'sent', dueAt };
    if (state === 'dead') return { result: 'gave_up', dueAt };
    return { result: charged ? 'again' : 'waits', dueAt };
  }

  /** What was sent must not be sent again because the disk was full for a while. */
  async #settle(report: AlertReport): Promise<void> {
    const { store, clock, onTrouble, observe } = this.options;
    const { group, result: outcome, dueAt } = report;
    observe(report);
    if (outcome === 'waits') return;
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
