import {
  type Admission,
  type AdmissionRequest,
  type DeliveryQueue,
  type WakeListener,
  type WakeUp,
} from '../queue.js';
import { WakeBell } from '../wake-bell.js';

/**
 * Wakes the dispatcher of this very process; many wake-ups of one turn of the event loop become one. Limits
 * are those of the process's own lanes, so everything is admitted.
 */
export class InProcessQueue implements DeliveryQueue {
  readonly reach = 'process';
  readonly #bell = new WakeBell();

  wake(due: readonly WakeUp[], nextDueAt?: number): void {
    this.#bell.ring(
      due.map(({ destination }) => destination),
      nextDueAt,
    );
  }

  listen(listener: WakeListener): void {
    this.#bell.listen(listener);
  }

  follow(): void {
    // Whoever is woken here is woken by name.
  }

  admit(requests: readonly AdmissionRequest[]): Promise<Admission[]> {
    return Promise.resolve(requests.map(admitAll));
  }

  release(): void {
    // Nothing is held.
  }

  close(): Promise<void> {
    this.#bell.silence();
    return Promise.resolve();
  }
}

function admitAll({ destination, count }: AdmissionRequest): Admission {
  const permit = { destination, id: '', startBy: Infinity };
  return { destination, permits: Array.from({ length: count }, () => permit), askAgainAt: null };
}
