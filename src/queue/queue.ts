/** Something is due for a destination. */
export interface WakeUp {
  destination: string;
  /** Names a delivery and its next attempt ({@link wakeUpId}); left out where many are meant. */
  id?: string;
}

/** Told who was woken, and when the earliest of what is due later falls due, if anybody said so. */
export type WakeListener = (destinations: readonly string[], nextDueAt: number | null) => void;

/** How much one lane asks to begin. */
export interface AdmissionRequest {
  destination: string;
  /** How many deliveries could begin now, at least 1. */
  count: number;
  /** Attempts at the same time, over all processes. */
  concurrency: number;
  /** Starts per span of time, over all processes; null: no limit. */
  rate: { count: number; perMs: number } | null;
}

/** Allows one attempt. Held until it has ended, or until it turns out that there is none to make. */
export interface Permit {
  destination: string;
  id: string;
  /** The request must leave by then, milliseconds since the epoch; later the permit no longer keeps the rate. */
  startBy: number;
}

/** At most as many permits as were asked for. */
export interface Admission {
  destination: string;
  permits: Permit[];
  /** When to ask again for those that were refused; null: none was. */
  askAgainAt: number | null;
}

/**
 * A queue wakes dispatchers, and sees to limits that hold for all of them together. It holds names and ids,
 * never content, and may be emptied at any moment because the database says what is due. Waking twice is
 * harmless. Nothing here throws.
 */
export interface DeliveryQueue {
  /**
   * Whom a wake-up reaches at this moment: only this process, or one of all the processes. While it is `process`,
   * others learn what is due from the store alone.
   */
  readonly reach: 'process' | 'fleet';
  /**
   * Says that these are due now, and at `nextDueAt` (milliseconds since the epoch) others. A lost wake-up
   * costs at most a poll.
   */
  wake(due: readonly WakeUp[], nextDueAt?: number): void;
  /** Registers the one listener. From then on wake-ups for `destinations` may come to this process. */
  listen(listener: WakeListener, destinations: readonly string[]): void;
  /** The destinations are others from now on. */
  follow(destinations: readonly string[]): void;
  /** Asks before deliveries are claimed. One answer per request, in order. */
  admit(requests: readonly AdmissionRequest[]): Promise<Admission[]>;
  /** The attempt has ended. `made: false`: none was made, and it does not count for the rate. */
  release(permit: Permit, made: boolean): void;
  /** Wakes nobody any more, and gives back what is held. */
  close(): Promise<void>;
}

/** The same for every wake-up of one attempt, and another for the next. */
export function wakeUpId(deliveryId: string, attemptCount: number): string {
  return `${deliveryId}-${attemptCount}`;
}
