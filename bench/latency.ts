import { freePort, startServer } from '../test/support/server-process.js';
import { startSinkProcess } from './sink-process.js';
import { type Row } from './table.js';
import { TOKEN, benchRules, createWorkspace, sampleBody } from './workspace.js';

const CALLS = 300;

/** From the moment a call is posted to the moment its request is at the destination, on an idle system. */
export async function benchLatency(): Promise<Row[]> {
  const body = await sampleBody();
  const workspace = await createWorkspace();
  const sink = await startSinkProcess();
  await workspace.write(
    {
      storage: `sqlite:${workspace.dir}/bench.db`,
      sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
      destinations: { sink: { kind: 'http', url: `${sink.url}/ours` } },
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
    const toSink: number[] = [];
    const toAnswer: number[] = [];
    for (let call = 0; call < CALLS; call += 1) {
      await sink.reset();
      const postedAt = performance.timeOrigin + performance.now();
      const fresh = body.replace('#'.repeat(12), String(200_000_000_000 + call));
      await fetch(`${server.url}/hooks/autocalls/${TOKEN}`, { method: 'POST', body: fresh }).then((answer) =>
        answer.text(),
      );
      toAnswer.push(performance.timeOrigin + performance.now() - postedAt);
      await sink.rate(1, 5_000);
      toSink.push((await sink.lastAt()) - postedAt);
    }
    return [row('p50', 0.5, toSink, toAnswer, '<= 10 ms'), row('p99', 0.99, toSink, toAnswer, '<= 50 ms')];
  } finally {
    await server.end();
    await sink.close();
    await workspace.remove();
  }
}

function row(name: string, share: number, toSink: number[], toAnswer: number[], goal: string): Row {
  const ours = quantile(toSink, share);
  const answer = quantile(toAnswer, share);
  return {
    what: `post to request at the destination, idle, ${name}`,
    ours: `${ours.toFixed(1)} ms`,
    yardstick: `its own 202 after ${answer.toFixed(1)} ms`,
    ratio: (ours / answer).toPrecision(3),
    goal,
  };
}

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
