/**
 * A queue only wakes the dispatcher: it holds names and ids, never content, and may be emptied at any
 * moment because the database says what is due. Waking twice is harmless.
 */
export interface DeliveryQueue {
  /** Says that deliveries of these destinations are due now. Never throws; a lost wake-up costs at most a poll. */
  wake(destinations: readonly string[]): void;
  /** Registers the one listener, called with the destinations that were woken. */
  onWake(listener: (destinations: readonly string[]) => void): void;
  close(): Promise<void>;
}
