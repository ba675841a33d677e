import { Agent } from 'node:http';
import { performance } from 'node:perf_hooks';
import axios from 'axios';
import { freePort, startServer } from '../test/support/server-process.js';
import { type LoadResult } from './load.js';
import { loadFromOutside } from './load-process.js';
import { startSinkProcess } from './sink-process.js';
import { type Row, ratio } from './table.js';
import { TOKEN, benchRules, createWorkspace, sampleBody } from './workspace.js';

const CONCURRENCY = 50;
/** Enough calls for some seconds of draining. */
const BACKLOG_MS = 3_000;

/** A stored backlog drained into an HTTP sink, beside a bare axios loop with the same concurrency. */
export async function benchDeliveries(): Promise<Row[]> {
  const body = await sampleBody();
  const workspace = await createWorkspace();
  const sink = await startSinkProcess();
  const config = (enabled: boolean) => ({
    storage: `sqlite:${workspace.dir}/bench.db`,
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: { sink: { kind: 'http', url: `${sink.url}/ours`, concurrency: CONCURRENCY, enabled } },
    egress: { allow: ['127.0.0.1/32'] },
  });
  await workspace.write(config(false), benchRules(20, 1));
  const server = await startServer({
    cwd: workspace.dir,
    port: await freePort(),
    env: { AFTERCALL_LOG_LEVEL: 'error' },
  });
  try {
    const before = await axiosLoop(sink.url, body);
    const backlog = await fill(server.url, body);
    await sink.reset();
    await workspace.write(config(true), benchRules(20, 1));
    const ours = await sink.rate(backlog.requests - backlog.failures, 120_000);
    const after = await axiosLoop(sink.url, body);
    const bare = Math.max(before, after);
    return [
      {
        what: `deliveries to an HTTP sink, concurrency ${CONCURRENCY}`,
        ours: `${Math.round(ours)}/s`,
        yardstick: `bare axios loop ${Math.round(bare)}/s`,
        ratio: ratio(ours, bare),
        goal: '>= 0.50',
      },
    ];
  } finally {
    await server.end();
    await sink.close();
    await workspace.remove();
  }
}

function fill(url: string, body: string): Promise<LoadResult> {
  const path = `/hooks/autocalls/${TOKEN}`;
  return loadFromOutside({
    ports: [Number(new URL(url).port)],
    path,
    connections: 32,
    durationMs: BACKLOG_MS,
    body,
  });
}

/** Requests per second of axios alone with keep-alive, in this process. */
async function axiosLoop(url: string, body: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const headers = { 'content-type': 'application/json' };
  const until = performance.now() + 3_000;
  const startedAt = performance.now();
  let sent = 0;
  const loop = async () => {
    while (performance.now() < until) {
      await axios.post(`${url}/bare`, body, { httpAgent: agent, headers });
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, loop));
  agent.destroy();
  return sent / ((performance.now() - startedAt) / 1000);
}
