const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof SIGNALS;

/**
 * Resolves with the first SIGINT or SIGTERM from now on; the second ends the process at once, with the
 * exit code that shells give to it.
 */
export function firstStopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const signal of Object.keys(SIGNALS) as StopSignal[]) {
      process.on(signal, () => {
        if (stopping) process.exit(SIGNALS[signal]);
        stopping = true;
        resolve(signal);
      });
    }
  });
}
