import { createWorld } from './fault-world.js';
import { type Expectations } from './history.js';
import { type FaultRow, type Outcome, type Pair, type Scale } from './row.js';
import { type Control } from './victim/plan.js';

const DEAD: Record<Scale, number> = { short: 300, long: 10_000 };

const EXPECTATIONS: Expectations = {
  firedFor: () => ['forward.send'],
  keyed: new Set(['keyed']),
  forwarded: new Set(['keyed']),
  mayDie: new Set(),
};

export const bulkRow: FaultRow = {
  name: 'bulk-retry',
  what: 'dead deliveries retried in bulk, half of which had been taken after all',
  run: (scale, pair) => bulkRun(DEAD[scale], pair),
  control: { what: 'a fresh key per attempt', run: (_scale, pair) => bulkRun(50, pair, 'fresh-key') },
};

/** A destination refuses everything, though it acts on every other request; then it is mended, and a person retries. */
async function bulkRun(count: number, pair: Pair, control?: Control): Promise<Outcome> {
  const config = {
    destinations: { keyed: { kind: 'struck-http', url: 'sink:keyed', concurrency: 20 } },
    rules: { forward: { match: 'everything', then: [{ id: 'send', to: 'keyed' }] } },
  };
  const world = await createWorld(config, pair);
  try {
    const { sink, log } = world;
    sink.respondWith(log.responder((nth) => ({ answer: { status: 422 }, taken: nth % 2 === 0 })));
    const victim = await world.start({ control });
    await world.load.post(count, 20);
    await world.untilSeen(count, 120_000);
    await world.untilIdle(victim, 60_000);
    sink.respondWith(log.responder(() => ({})));
    const at = Date.now();
    const retried = await victim.ask<{ count: number }>('/retry-dead');
    await world.untilIdle(victim, 300_000);
    const recoveries = [(Date.now() - at) / 1000];
    const findings = await world.settle(victim, EXPECTATIONS);
    if (retried.count !== count)
      findings.lost.push(`${retried.count} of ${count} dead deliveries were retried`);
    return { injected: retried.count, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}
