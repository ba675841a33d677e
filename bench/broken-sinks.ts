import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const REGISTER = new URL('../test/support/register-ts.mjs', import.meta.url).href;
/** Of the answer that never seems to end: far over what is read of it. */
const HUGE_BYTES = 2 * 1024 ** 3;

/** Ways in which a destination is broken; the names are the paths. The tenth, a closed port, needs no path. */
const BROKEN: Record<string, (response: ServerResponse) => void> = {
  'hangs-before-headers': () => undefined,
  'hangs-after-headers': (response) => response.writeHead(200).flushHeaders(),
  drips: (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 500);
    response.on('close', () => clearInterval(timer));
  },
  resets: (response) => response.socket?.resetAndDestroy(),
  'answers-500': (response) => response.writeHead(500).end('broken'),
  'answers-429': (response) => response.writeHead(429, { 'retry-after': '2' }).end(),
  'answers-401': (response) => response.writeHead(401).end(),
  redirects: (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  'answers-2-gb': (response) => sendForEver(response),
};
export const BROKEN_WAYS: readonly string[] = Object.keys(BROKEN);

export interface BrokenSinks {
  url: string;
  /** From now on the broken ones are broken, and what was seen before counts no more. */
  breakDown(): Promise<void>;
  /** Milliseconds from the post of each call to its requests at `/healthy-…`, and how many went to the others. */
  result(): Promise<{ latenciesMs: number[]; brokenRequests: number }>;
  close(): Promise<void>;
}

/** Healthy and broken destinations in a process of their own. The body of a request holds its call's time of posting. */
export async function startBrokenSinks(): Promise<BrokenSinks> {
  const child = fork(fileURLToPath(import.meta.url), [], { execArgv: ['--import', REGISTER] });
  const [port] = (await once(child, 'message')) as [number];
  const ask = async (question: 'result' | 'break') => {
    child.send(question);
    return ((await once(child, 'message')) as [Awaited<ReturnType<BrokenSinks['result']>>])[0];
  };
  return {
    url: `http://127.0.0.1:${port}`,
    breakDown: async () => void (await ask('break')),
    result: () => ask('result'),
    close: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

function sendForEver(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024);
  response.writeHead(200, { 'content-length': HUGE_BYTES });
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

if (process.send) {
  let latenciesMs: number[] = [];
  let brokenRequests = 0;
  let isBroken = false;
  const server = createServer((request, response) => {
    const at = performance.timeOrigin + performance.now();
    const way = BROKEN[(request.url ?? '').slice(1)];
    if (way) {
      brokenRequests += 1;
      request.resume().on('end', () => (isBroken ? way(response) : response.end('ok')));
      return;
    }
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { postedAtUs } = JSON.parse(text) as { postedAtUs: string };
      latenciesMs.push(at - Number(postedAtUs) / 1000);
      response.writeHead(200).end('ok');
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.on('message', (question) => {
    if (question === 'break') [isBroken, latenciesMs, brokenRequests] = [true, [], 0];
    process.send?.({ latenciesMs, brokenRequests });
  });
  process.on('disconnect', () => process.exit(0));
}
