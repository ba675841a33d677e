import { performance } from 'node:perf_hooks';
import { freePort, startServer } from '../test/support/server-process.js';
import { BROKEN_WAYS, type BrokenSinks, startBrokenSinks } from './broken-sinks.js';
import { type Row } from './table.js';
import { TOKEN, createWorkspace } from './workspace.js';

const HEALTHY = 10;
const CALLS_PER_SECOND = 20;
/** Before anything breaks: what is measured is a running server, not its start. */
const WARM_UP_CALLS = 60;
const CALLS = 400;
/** Alternating runs; the pair with the median difference counts. */
const ROUNDS = 3;
/** What a healthy destination may lose to ten broken ones. */
const ALLOWED = { share: 1.1, plusMs: 50 };

/** p99 of ten healthy destinations beside ten that are broken in ten ways, and without these. */
export async function benchIsolation(): Promise<Row[]> {
  const pairs: { alone: Latencies; beside: Latencies }[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    pairs.push({ alone: await measure([]), beside: await measure([...BROKEN_WAYS, 'refuses']) });
  pairs.sort((a, b) => a.beside.p99 - a.alone.p99 - (b.beside.p99 - b.alone.p99));
  const { alone, beside } = pairs[Math.floor(ROUNDS / 2)] as (typeof pairs)[number];
  const allowedMs = Math.max(alone.p99 * ALLOWED.share, alone.p99 + ALLOWED.plusMs);
  return (['p50', 'p99'] as const).map((name) => ({
    what: `10 healthy destinations beside 10 broken ones, post to request, ${name}`,
    ours: `${beside[name].toFixed(1)} ms (${beside.count} requests, ${beside.brokenRequests} at the broken)`,
    yardstick: `without them ${alone[name].toFixed(1)} ms`,
    ratio: (beside[name] / alone[name]).toPrecision(3),
    goal: name === 'p99' ? `<= 1.10 or + 50 ms (here ${allowedMs.toFixed(1)} ms)` : '',
  }));
}

interface Latencies {
  p50: number;
  p99: number;
  count: number;
  brokenRequests: number;
}

async function measure(broken: readonly string[]): Promise<Latencies> {
  const workspace = await createWorkspace();
  const sinks = await startBrokenSinks();
  await workspace.write(...configFor(workspace.dir, sinks.url, broken));
  const port = await freePort();
  const server = await startServer({ cwd: workspace.dir, port, env: { AFTERCALL_LOG_LEVEL: 'silent' } });
  try {
    const hook = `${server.url}/hooks/autocalls/${TOKEN}`;
    await postSteadily(hook, WARM_UP_CALLS);
    await untilArrived(sinks, WARM_UP_CALLS);
    await sinks.breakDown();
    await postSteadily(hook, CALLS);
    await untilArrived(sinks, CALLS);
    const { latenciesMs, brokenRequests } = await sinks.result();
    latenciesMs.sort((a, b) => a - b);
    const at = (share: number) => latenciesMs[Math.floor(latenciesMs.length * share)] ?? NaN;
    return { p50: at(0.5), p99: at(0.99), count: latenciesMs.length, brokenRequests };
  } finally {
    await server.end('SIGKILL');
    await sinks.close();
    await workspace.remove();
  }
}

function configFor(dir: string, url: string, broken: readonly string[]): [object, object] {
  const healthy = Array.from({ length: HEALTHY }, (_, i) => `healthy-${i}`);
  const address = (name: string) => (name === 'refuses' ? 'http://127.0.0.1:1' : `${url}/${name}`);
  const names = [...broken, ...healthy];
  const config = {
    storage: `sqlite:${dir}/bench.db`,
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: Object.fromEntries(names.map((name) => [name, { kind: 'http', url: address(name) }])),
    egress: { allow: ['127.0.0.1/32'] },
  };
  const actions = names.map((to) => ({ id: to, to, with: { body: { postedAtUs: '{{ id }}' } } }));
  return [config, { forward: { match: 'everything', then: actions } }];
}

/** Open loop: a call starts at its time whether or not the one before was answered. */
async function postSteadily(url: string, calls: number): Promise<void> {
  const startedAt = performance.now();
  const posts: Promise<unknown>[] = [];
  for (let call = 0; call < calls; call += 1) {
    const waitMs = startedAt + (call * 1000) / CALLS_PER_SECOND - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const id = Math.round((performance.timeOrigin + performance.now()) * 1000);
    const body = JSON.stringify({ id, status: 'completed', extracted_variables: {}, customer_phone: null });
    posts.push(fetch(url, { method: 'POST', body }).then((answer) => answer.text()));
  }
  await Promise.all(posts);
}

async function untilArrived(sinks: BrokenSinks, calls: number): Promise<void> {
  const until = performance.now() + 20_000;
  while (performance.now() < until && (await sinks.result()).latenciesMs.length < calls * HEALTHY)
    await new Promise((resolve) => setTimeout(resolve, 200));
}
