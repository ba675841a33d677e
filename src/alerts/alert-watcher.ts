import { type LiveRuleSet } from '../config/live.js';
import { STOP } from '../domain/contact-list.js';
import { type Decision } from '../domain/decision.js';
import { type Clock } from '../lib/clock.js';
import { type Store } from '../store/store.js';
import { laneOpened, ruleUndecided, stopUndecided } from './describe-signal.js';
import { describeTroubles } from './describe-trouble.js';
import { type Finding, mergeFindings, toAlerts } from './finding.js';
import { SilenceWatch } from './silence.js';
import { UndecidedRates } from './undecided-rate.js';

/** Setting that keeps up to when the store was searched. */
const CURSOR = 'alerts.cursor';
/** While nothing happens, the cursor is written no more often: one small write a minute. */
const CURSOR_MS = 60_000;
/** Writes carry the time of their submission and wait at most two seconds for their commit; some more for slow disks. */
const LATE_MS = 5_000;
const LOOK_MS = 5_000;
/** Each cause at most once in it. */
const EVERY_MS = 3_600_000;

type WatcherStore = Pick<
  Store,
  'findTrouble' | 'raiseAlerts' | 'findSettings' | 'putSetting' | 'lastEventAt' | 'pendingDestinations'
>;

/** A destination's breaker opened or closed. `why`: a word of FAILURE_REASONS, `unauthorized` for refused credentials. */
export interface LaneSignal {
  destination: string;
  change: 'opened' | 'closed';
  why: string;
  /** An alert's own attempt brought it about. */
  byAlert: boolean;
}

export interface AlertWatcherOptions {
  store: WatcherStore;
  live: { current(): Pick<LiveRuleSet, 'config' | 'rules'> };
  clock: Clock;
  /** New alerts are in the store. */
  onRaised: () => void;
  /** Told of what the same cause within the hour keeps from being told again. */
  onPassedOver: (reason: string, count: number) => void;
  /** Whether this process searches the store for all. Default: it does. */
  leads?: () => boolean;
  /** Called when something of our own fails; work goes on by itself. */
  onTrouble: (error: unknown) => void;
  /** Time between two looks. Default 5 s. */
  lookMs?: number;
}

/**
 * Turns trouble into alerts for the entries of `alerts:`. What the store knows (dead, held, quarantined) is searched
 * there from where the last search ended, so that a crash loses nothing; what only this process knows is noted.
 */
export class AlertWatcher {
  readonly #rates = new UndecidedRates();
  readonly #silence: SilenceWatch;
  /** Why, by destination. */
  readonly #openedByAlerts = new Map<string, string>();
  #noted: Finding[] = [];
  #cursor = 0;
  #cursorSavedAt = -Infinity;
  #led = false;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(private readonly options: AlertWatcherOptions) {
    this.#silence = new SilenceWatch(options.store);
  }

  async start(): Promise<void> {
    const { lookMs = LOOK_MS } = this.options;
    await this.#searches();
    this.#timer = setInterval(() => this.#startLook(), lookMs);
  }

  /** Whether it is for this process to search the store. The moment it becomes so, it takes over. */
  async #searches(): Promise<boolean> {
    const leads = this.options.leads?.() ?? true;
    if (leads && !this.#led) await this.#takeOver();
    this.#led = leads;
    return leads;
  }

  /** Goes on where the process before this one stopped; at the very first start, from now. */
  async #takeOver(): Promise<void> {
    const { store, clock } = this.options;
    const saved = (await store.findSettings(CURSOR))[CURSOR];
    this.#cursor = saved === undefined ? clock.now() : Number(saved);
    this.#silence.start(saved === undefined ? null : this.#cursor);
    await this.#saveCursor(saved === undefined);
  }

  /** Keeps a finding until it is in the store. */
  note(finding: Finding): void {
    this.#noted = mergeFindings([...this.#noted, finding]);
  }

  /**
   * A destination opened or closed. What an alert of ours brought about is nobody's trouble yet, and an alert about
   * alerts helps nobody: it is told as soon as deliveries wait there.
   */
  laneChanged({ destination, change, why, byAlert }: LaneSignal): void {
    this.#openedByAlerts.delete(destination);
    if (change === 'closed') return;
    if (byAlert) this.#openedByAlerts.set(destination, why);
    else this.note(laneOpened(destination, why));
  }

  async #noteWaitedFor(): Promise<void> {
    if (this.#openedByAlerts.size === 0) return;
    const waitedFor = await this.options.store.pendingDestinations();
    for (const [destination, why] of this.#openedByAlerts)
      if (waitedFor.includes(destination))
        this.laneChanged({ destination, change: 'opened', why, byAlert: false });
  }

  /** Takes the decisions on one stored call. */
  observe(decisions: readonly Decision[]): void {
    this.#rates.observe(decisions, this.options.clock.now());
    for (const { rule, verdict, shadow } of decisions)
      if (!shadow && (verdict === 'undecided' || verdict === 'error') && this.#stopsContact(rule))
        this.note(stopUndecided(rule));
  }

  /** Whether somebody may have asked not to be called, and nobody knows. */
  #stopsContact(rule: string): boolean {
    const actions = this.options.live.current().rules.get(rule)?.actions ?? [];
    return actions.some((action) => action.do === STOP);
  }

  /** Looks a last time, so that nothing that was noted is lost. */
  async stop(): Promise<void> {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    await this.#looking;
    this.#startLook();
    await this.#looking;
  }

  #startLook(): void {
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.options.onTrouble(error))
      .finally(() => {
        this.#looking = null;
      });
  }

  async #look(): Promise<void> {
    const { alerts, sources } = this.options.live.current().config;
    const now = this.options.clock.now();
    const until = now - LATE_MS;
    const searches = await this.#searches();
    if (alerts.length === 0) return this.#forget(until, searches);
    const signals = this.#rates.takeUnusual(now).map(ruleUndecided);
    this.#noted = mergeFindings([...this.#noted, ...signals]);
    await this.#noteWaitedFor();
    if (!searches) return this.#raise([], now);
    // A clock that was set back would leave a hole; what is found twice is told once.
    const since = Math.min(this.#cursor, until);
    const troubles = since < until ? await this.options.store.findTrouble({ since, until }) : [];
    for (const finding of await this.#silence.find(sources.values(), now)) this.note(finding);
    await this.#raise(describeTroubles(troubles), now);
    this.#cursor = until;
    await this.#saveCursor(troubles.length > 0);
  }

  /** Nobody wants to know: a list of alerts that is written later begins then. */
  async #forget(until: number, searches: boolean): Promise<void> {
    this.#noted = [];
    if (!searches) return;
    this.#cursor = until;
    if (this.#cursorSavedAt === -Infinity) return;
    this.#cursorSavedAt = -Infinity;
    await this.options.store.putSetting(CURSOR, null);
  }

  /** What was noted is let go only when it is in the store. */
  async #raise(found: readonly Finding[], now: number): Promise<void> {
    const noted = this.#noted;
    const findings = mergeFindings([...found, ...noted]);
    let raised = 0;
    this.#noted = [];
    try {
      for (const reason of new Set(findings.map((finding) => finding.reason)))
        raised += await this.#raiseReason(
          reason,
          findings.filter((finding) => finding.reason === reason),
          now,
        );
    } catch (error) {
      this.#noted = mergeFindings([...noted, ...this.#noted]);
      throw error;
    }
    if (raised > 0) this.options.onRaised();
  }

  async #raiseReason(reason: string, findings: readonly Finding[], now: number): Promise<number> {
    const { store, live, onPassedOver } = this.options;
    const alerts = toAlerts(findings, live.current().config.alerts);
    if (alerts.length === 0) return 0;
    const raised = await store.raiseAlerts({ alerts, now, everyMs: EVERY_MS });
    if (raised < alerts.length) onPassedOver(reason, alerts.length - raised);
    return raised;
  }

  async #saveCursor(isDue: boolean): Promise<void> {
    const now = this.options.clock.now();
    if (!isDue && Math.abs(now - this.#cursorSavedAt) < CURSOR_MS) return;
    await this.options.store.putSetting(CURSOR, String(this.#cursor));
    this.#cursorSavedAt = now;
  }
}
