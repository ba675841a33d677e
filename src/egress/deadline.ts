import { setMaxListeners } from 'node:events';

/** Aborts `signal` when its time is over or the outer signal aborts. `clear()` it when the work is done. */
export interface Deadline {
  signal: AbortSignal;
  clear(): void;
}

/** One timer over everything: time-outs of sockets start anew with every byte that drips in. */
export function startDeadline(timeoutMs: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const timer = setTimeout(stop, timeoutMs);
  if (outer?.aborted) stop();
  if (outer) {
    // All attempts of a process may share one signal: many listeners are no leak here.
    setMaxListeners(0, outer);
    outer.addEventListener('abort', stop, { once: true });
  }
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', stop);
    },
  };
}
