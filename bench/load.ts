import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

export interface LoadOptions {
  /** The connections are spread evenly over these. */
  ports: readonly number[];
  path: string;
  connections: number;
  durationMs: number;
  /** Body with a run of `#` where a fresh number is written for every request; its length never changes. */
  body: string;
}

export interface LoadResult {
  requests: number;
  failures: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const DIGITS = 12;
let nextId = (Date.now() % 1e9) * 1000;

/**
 * A closed loop over keep-alive connections on loopback, one request at a time on each. Written on bare
 * sockets with prepared bytes, so that on two cores the generator takes little from what is measured.
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const latencies: number[] = [];
  const counts = { failures: 0 };
  const startedAt = performance.now();
  const until = startedAt + options.durationMs;
  const loops = Array.from({ length: options.connections }, (_, nth) => {
    const port = options.ports[nth % options.ports.length] ?? 0;
    return loop(port, options, until, latencies, counts);
  });
  await Promise.all(loops);
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  const quantile = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    requests: latencies.length,
    failures: counts.failures,
    perSecond: latencies.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}

function loop(
  port: number,
  options: LoadOptions,
  until: number,
  latencies: number[],
  counts: { failures: number },
): Promise<void> {
  const bytes = requestBytes(options);
  const idAt = bytes.indexOf('#'.repeat(DIGITS));
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    const next = () => {
      if (performance.now() >= until) {
        socket.end();
        resolve();
        return;
      }
      if (idAt >= 0) bytes.write(String((nextId += 1)).padStart(DIGITS, '1'), idAt, 'latin1');
      sentAt = performance.now();
      socket.write(bytes);
    };
    onAnswer(socket, (status) => {
      latencies.push(performance.now() - sentAt);
      if (status >= 300) counts.failures += 1;
      next();
    });
    socket.on('connect', next);
    socket.on('error', reject);
  });
}

function requestBytes({ path, body }: LoadOptions): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}

/** Calls back once per whole answer; answers here are small and have a Content-Length. */
function onAnswer(socket: Socket, callback: (status: number) => void): void {
  let pending = '';
  socket.on('data', (data: Buffer) => {
    pending += data.toString('latin1');
    const headEnd = pending.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = Number(/content-length: *(\d+)/i.exec(pending.slice(0, headEnd))?.[1] ?? 0);
    if (pending.length < headEnd + 4 + length) return;
    const status = Number(pending.slice(9, 12));
    pending = '';
    callback(status);
  });
}
