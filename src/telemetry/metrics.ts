import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

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

  /** Refreshed when the page is read. */
  readonly deliveries = new Gauge({
    name: 'aftercall_deliveries',
    help: 'Deliveries in the store, by state',
    labelNames: ['state'],
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
}
