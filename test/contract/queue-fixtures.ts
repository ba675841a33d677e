import { type BullmqQueueOptions, openBullmqQueue } from '../../src/queue/bullmq/bullmq-queue.js';
import { type AdmissionRequest, type DeliveryQueue, type Permit } from '../../src/queue/queue.js';
import { systemClock } from '../../src/lib/clock.js';

/** Polls until it holds. @throws {Error} after 20 s. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`still not true after ${limitMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** One queue that stands for a machine, what its listener was told, and its troubles. */
export interface Machine {
  queue: DeliveryQueue;
  woken: string[];
  troubles: string[];
}

export async function openMachine(
  url: string,
  { destinations = ['crm'], ...options }: Partial<BullmqQueueOptions> & { destinations?: string[] } = {},
): Promise<Machine> {
  const troubles: string[] = [];
  const queue = await openBullmqQueue({
    url,
    clock: systemClock,
    isLeader: () => false,
    onTrouble: (error) => troubles.push(String(error)),
    canWork: true,
    ...options,
  });
  const woken: string[] = [];
  queue.listen((names) => woken.push(...names), destinations);
  return { queue, woken, troubles };
}

/** Asks for permits of one destination. */
export async function ask(
  queue: DeliveryQueue,
  request: Partial<AdmissionRequest> = {},
): Promise<{ permits: Permit[]; askAgainAt: number | null }> {
  const [admission] = await queue.admit([
    { destination: 'crm', count: 1, concurrency: 100, rate: null, ...request },
  ]);
  return admission!;
}

/** Asks until something is granted, when it is told to. */
export async function askUntilGranted(
  queue: DeliveryQueue,
  request: Partial<AdmissionRequest> = {},
): Promise<Permit[]> {
  for (;;) {
    const { permits, askAgainAt } = await ask(queue, request);
    if (permits.length > 0) return permits;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, (askAgainAt ?? 0) - Date.now())));
  }
}

/** The most of these times that lie in one half-open span. */
export function mostInSpan(times: readonly number[], spanMs: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; last += 1) {
    while (sorted[last]! - sorted[first]! >= spanMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
