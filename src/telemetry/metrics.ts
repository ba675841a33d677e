import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { type FailureReason, type Outcome } from '../domain/attempt.js';

/** Every metric in one place. Labels hold configured names and closed lists only, never data of a call. */
export class Metrics {
  readonly registry = new Registry();

  /** One per answer of the hook, by its `status` word: accepted, revision, duplicate, test, quarantined, unauthorized, … */
  readonly events = new Counter({
    name: 'aftercall_events_total',
    help: 'Webhooks answered, by source and status of the answer',
    labelNames: ['source', 'status'],
    registers: [this.registry],
  });

  readonly decisions = new Counter({
    name: 'aftercall_decisions_total',
    help: 'Verdicts of rules on stored events, without not_matched',
    labelNames: ['rule', 'verdict'],
    registers: [this.registry],
  });

  readonly attempts = new Counter({
    name: 'aftercall_attempts_total',
    help: 'Attempts, by destination, kind, outcome and reason',
    labelNames: ['destination', 'kind', 'outcome', 'reason'],
    registers: [this.registry],
  });

  readonly attemptSeconds = new Histogram({
    name: 'aftercall_attempt_duration_seconds',
    help: 'Time from the start of an attempt to its outcome',
    labelNames: ['kind'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    registers: [this.registry],
  });

  readonly destinationOpen = new Gauge({
    name: 'aftercall_destination_open',
    help: '1 while the breaker of a destination is open, else 0',
    labelNames: ['destination'],
    registers: [this.registry],
  });

  /** Refreshed when the page is read. */
  readonly deliveries = new Gauge({
    name: 'aftercall_deliveries',
    help: 'Deliveries in the store, by state',
    labelNames: ['state'],
    registers: [this.registry],
  });

  /** One per line that was due to one entry of `alerts:`; what was passed over was told within the hour before. */
  readonly alerts = new Counter({
    name: 'aftercall_alerts_total',
    help: 'Alerts about our own trouble, by reason and result (sent, gave_up, passed_over)',
    labelNames: ['reason', 'result'],
    registers: [this.registry],
  });

  readonly pruned = new Counter({
    name: 'aftercall_pruned_total',
    help: 'Events that retention removed whole (event), or whose bytes and texts it removed (body)',
    labelNames: ['what'],
    registers: [this.registry],
  });

  readonly processInfo = new Gauge({
    name: 'aftercall_process_info',
    help: '1, with the role of this process, its version and the fingerprint of its rule set',
    labelNames: ['role', 'version', 'rule_set'],
    registers: [this.registry],
  });

  readonly leader = new Gauge({
    name: 'aftercall_leader',
    help: '1 while this process does what only one of all may do, else 0',
    registers: [this.registry],
  });

  readonly queueReach: Gauge = new Gauge({
    name: 'aftercall_queue_reach',
    help: '1 while wake-ups reach all processes, 0 while only this one',
    registers: [this.registry],
    collect: () => this.queueReach.set(this.#reachesAll() ? 1 : 0),
  });

  #reachesAll = (): boolean => false;

  readonly recovered = new Counter({
    name: 'aftercall_lease_recovered_total',
    help: 'Deliveries taken up whose process was gone before they had ended',
    registers: [this.registry],
  });

  /** Told by who looks: the leader, or every process that delivers where there is no queue for all. */
  readonly oldestDue = new Gauge({
    name: 'aftercall_oldest_due_seconds',
    help: 'How long the oldest of what is due has been waiting; 0: nothing is',
    registers: [this.registry],
  });

  /** Refreshed when the page is read. */
  readonly storeUp = new Gauge({
    name: 'aftercall_store_up',
    help: '1 when the store answered the last question of this page, else 0',
    registers: [this.registry],
  });

  readonly configLoaded = new Gauge({
    name: 'aftercall_config_last_reload_successful',
    help: '1 when the files on disk are the ones in force, 0 when they were rejected',
    registers: [this.registry],
  });

  readonly configReloads = new Counter({
    name: 'aftercall_config_reloads_total',
    help: 'Changed configurations seen, by result',
    labelNames: ['result'],
    registers: [this.registry],
  });

  /** Process metrics are left out in a host application, which has its own. */
  constructor(options: { processMetrics: boolean }) {
    if (options.processMetrics) collectDefaultMetrics({ register: this.registry });
    this.configLoaded.set(1);
  }

  /** Asked whenever the page is read. */
  watchReach(reachesAll: () => boolean): void {
    this.#reachesAll = reachesAll;
  }

  countPruned(counts: Record<'event' | 'body', number>): void {
    for (const [what, count] of Object.entries(counts)) this.pruned.inc({ what }, count);
  }

  /** `reason`: a word of FAILURE_REASONS; null when it was delivered. */
  countAttempt(
    of: { destination: string; kind: string; outcome: Outcome; reason: FailureReason | null },
    durationMs: number,
  ): void {
    this.attempts.inc({ ...of, reason: of.reason ?? '' });
    this.attemptSeconds.observe({ kind: of.kind }, durationMs / 1000);
  }
}
