/**
 * A queue only wakes the dispatcher: it holds names and ids, never content, and may be emptied at any
 * moment because the database says what is due. Waking twice is harmless.
 */
export interface DeliveryQueue {
  /**
   * Says that deliveries of these destinations are due now, and at `nextDueAt` (milliseconds since the epoch)
   * others. Never throws; a lost wake-up costs at most a poll.
   */
  wake(destinations: readonly string[], nextDueAt?: number): void;
  /** Registers the one listener, called with the destinations that were woken and the earliest `nextDueAt`, if any. */
  onWake(listener: WakeListener): void;
  close(): Promise<void>;
}

export type WakeListener = (destinations: readonly string[], nextDueAt: number | null) => void;
