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
