import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const REGISTER = new URL('../test/support/register-ts.mjs', import.meta.url).href;

export interface SinkProcess {
  url: string;
  pid: number;
  reset(): Promise<void>;
  /** Waits until `count` requests came (or the time is over); answers requests per second from first to last. */
  rate(count: number, withinMs: number): Promise<number>;
  /** Wall-clock time at which the last request came, milliseconds since the epoch. */
  lastAt(): Promise<number>;
  close(): Promise<void>;
}

interface Seen {
  count: number;
  firstAt: number;
  lastAt: number;
  lastEpochMs: number;
}

/** A sink that only counts, in a process of its own. */
export async function startSinkProcess(): Promise<SinkProcess> {
  const child = fork(fileURLToPath(import.meta.url), [], { execArgv: ['--import', REGISTER] });
  const [port] = (await once(child, 'message')) as [number];
  const ask = async (question: 'seen' | 'reset'): Promise<Seen> => {
    child.send(question);
    return ((await once(child, 'message')) as [Seen])[0];
  };
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? -1,
    reset: async () => void (await ask('reset')),
    rate: async (count, withinMs) => {
      const until = Date.now() + withinMs;
      let seen = await ask('seen');
      while (seen.count < count && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        seen = await ask('seen');
      }
      return seen.count / ((seen.lastAt - seen.firstAt) / 1000);
    },
    lastAt: async () => (await ask('seen')).lastEpochMs,
    close: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

if (process.send) {
  let seen: Seen = { count: 0, firstAt: 0, lastAt: 0, lastEpochMs: 0 };
  const server = createServer((request, response) => {
    const at = performance.now();
    seen = {
      count: seen.count + 1,
      firstAt: seen.firstAt || at,
      lastAt: at,
      lastEpochMs: performance.timeOrigin + at,
    };
    request.resume().on('end', () => response.writeHead(200).end('ok'));
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.on('message', (question) => {
    if (question === 'reset') seen = { count: 0, firstAt: 0, lastAt: 0, lastEpochMs: 0 };
    process.send?.(seen);
  });
  process.on('disconnect', () => process.exit(0));
}
