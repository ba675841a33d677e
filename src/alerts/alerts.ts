import { type ConfigProblem } from '../config/config.js';
import { type Decision } from '../domain/decision.js';
import { type Store } from '../store/store.js';
import { AlertSender, type AlertSenderOptions } from './alert-sender.js';
import { AlertWatcher, type LaneSignal } from './alert-watcher.js';
import { configurationRejected } from './describe-signal.js';

export interface AlertsOptions extends AlertSenderOptions {
  store: Store;
  /** Told how many alerts of a reason went one way. */
  count: (reason: string, result: 'sent' | 'gave_up' | 'passed_over', count: number) => void;
}

/** Reports Aftercall's own trouble to the destinations under `alerts:`. */
export class Alerts {
  readonly #sender: AlertSender;
  readonly #watcher: AlertWatcher;

  constructor(options: AlertsOptions) {
    const { count, observe } = options;
    this.#sender = new AlertSender({
      ...options,
      observe: (report) => {
        const { result, group } = report;
        if (result === 'sent' || result === 'gave_up')
          for (const { reason } of group.alerts) count(reason, result, 1);
        observe(report);
      },
    });
    this.#watcher = new AlertWatcher({
      ...options,
      onRaised: () => this.#sender.wake(),
      onPassedOver: (reason, passed) => count(reason, 'passed_over', passed),
    });
  }

  /** Before anything else starts: from then on nothing is missed. */
  async start(): Promise<void> {
    await this.#watcher.start();
    this.#sender.start();
  }

  /** Takes the decisions on one stored call. */
  decided(decisions: readonly Decision[]): void {
    this.#watcher.observe(decisions);
  }

  laneChanged(change: Omit<LaneSignal, 'byAlert'>): void {
    this.#watcher.laneChanged({ ...change, byAlert: this.#sender.isJudged(change.destination) });
  }

  configurationRejected(problems: readonly ConfigProblem[]): void {
    this.#watcher.note(configurationRejected(problems));
  }

  /** Keeps what was noted and waits for what is being sent; the lanes cut that off when they stop. */
  async stop(): Promise<void> {
    await Promise.all([this.#watcher.stop(), this.#sender.stop()]);
  }
}
