import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { freePort, startServer } from '../test/support/server-process.js';
import { type LoadResult } from './load.js';
import { loadFromOutside } from './load-process.js';
import { type Row, ratio } from './table.js';
import { TOKEN, benchRules, createWorkspace, sampleBody } from './workspace.js';

const CONNECTIONS = 64;
const DURATION_MS = 5_000;
/** Alternating runs: noise of the machine hits both sides of a pair alike; the pair with the median ratio counts. */
const ROUNDS = 3;

/** Durable intake (20 rules, one delivery each) beside a bare server that only parses the body. */
export async function benchIntake(): Promise<Row[]> {
  const body = await sampleBody();
  const workspace = await createWorkspace();
  const sink = await startBareServer();
  await workspace.write(
    {
      storage: `sqlite:${workspace.dir}/bench.db`,
      sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
      destinations: { sink: { kind: 'http', url: `http://127.0.0.1:${sink.port}/sink`, enabled: false } },
      egress: { allow: ['127.0.0.1/32'] },
    },
    benchRules(20, 1),
  );
  const server = await startServer({
    cwd: workspace.dir,
    port: await freePort(),
    env: { AFTERCALL_LOG_LEVEL: 'error' },
  });
  try {
    const path = `/hooks/autocalls/${TOKEN}`;
    const pairs: Pair[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const shape = { connections: CONNECTIONS, durationMs: DURATION_MS, body };
      const bare = await loadFromOutside({ ...shape, ports: [sink.port], path });
      const ours = await loadFromOutside({ ...shape, ports: [Number(new URL(server.url).port)], path });
      pairs.push({ ours, bare });
    }
    return rows(median(pairs));
  } finally {
    await server.end();
    sink.server.close();
    await workspace.remove();
  }
}

interface Pair {
  ours: LoadResult;
  bare: LoadResult;
}

function median(pairs: Pair[]): Pair {
  const share = ({ ours, bare }: Pair) => ours.perSecond / bare.perSecond;
  const middle = [...pairs].sort((a, b) => share(a) - share(b))[Math.floor(pairs.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  return middle;
}

function rows({ ours, bare }: Pair): Row[] {
  const failures = ours.failures > 0 ? ` (${ours.failures} not 2xx)` : '';
  return [
    {
      what: 'durable intake, 2 kB, 20 rules, 1 delivery, 64 connections',
      ours: `${Math.round(ours.perSecond)}/s${failures}`,
      yardstick: `bare node:http ${Math.round(bare.perSecond)}/s`,
      ratio: ratio(ours.perSecond, bare.perSecond),
      goal: '>= 0.30',
    },
    {
      what: 'p99 of the same',
      ours: `${ours.p99Ms.toFixed(1)} ms`,
      yardstick: `bare ${bare.p99Ms.toFixed(1)} ms`,
      ratio: ratio(ours.p99Ms, bare.p99Ms),
      goal: '<= 25 ms',
    },
  ];
}

async function startBareServer(): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString());
      response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"accepted"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}
