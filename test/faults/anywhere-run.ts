import { join } from 'node:path';
import { startServer } from '../support/server-process.js';
import { createWorld, type FaultWorld } from './fault-world.js';
import { behaveForKills, KILL_CONFIG, KILL_EXPECTATIONS, withBuiltInKinds } from './kill-config.js';
import { killsOf } from './kill-points.js';
import { patience } from './kill-run.js';
import { readSending } from './read-store.js';
import { type FaultRow, type Outcome, type Scale } from './row.js';
import { type Control } from './victim/plan.js';

/** So many connections keep intake, sending and recording busy at once. */
const CONNECTIONS = 30;
/** A life lasts up to so many answered calls. */
const LONGEST_LIFE = 60;

export const anywhereRow: FaultRow = {
  name: 'kill-anywhere',
  what: 'SIGKILL of the built program at random moments',
  run: (scale) => killRealProgram(scale),
  control: {
    what: 'answers before the commit',
    run: (scale) => killWrongProgram(scale, 'answer-before-commit'),
  },
};

async function killRealProgram(scale: Scale): Promise<Outcome> {
  return killLives(scale, undefined, async (world) => {
    world.configure(withBuiltInKinds(KILL_CONFIG));
    const startedAt = Date.now();
    const server = await startServer({ cwd: world.dir, port: world.port });
    const recovery = (Date.now() - startedAt) / 1000;
    await randomMoment(world);
    await server.end('SIGKILL');
    for (const id of readSending(join(world.dir, 'data', 'aftercall.db')))
      world.doubts.set(id, (world.doubts.get(id) ?? 0) + 1);
    return recovery;
  });
}

async function killWrongProgram(scale: Scale, control: Control): Promise<Outcome> {
  return killLives(scale, control, async (world) => {
    const victim = await world.start({ control });
    await randomMoment(world);
    victim.kill('SIGKILL');
    await victim.ended;
    return (Date.now() - victim.startedAt) / 1000;
  });
}

/** The last life is one of the test entry, whose counts can be asked for. */
async function killLives(
  scale: Scale,
  control: Control | undefined,
  live: (world: FaultWorld) => Promise<number>,
): Promise<Outcome> {
  const kills = control === undefined ? killsOf(scale) : 2;
  const world = await createWorld(KILL_CONFIG, 'sqlite');
  const recoveries: number[] = [];
  try {
    behaveForKills(world);
    world.load.start(CONNECTIONS, 2);
    for (let kill = 0; kill < kills; kill += 1) recoveries.push(await live(world));
    world.configure(KILL_CONFIG);
    const last = control === undefined ? await world.launch() : await world.launch({ control });
    await last.ready;
    const findings = await world.settle(last, KILL_EXPECTATIONS, { withinMs: patience(control, 'sqlite') });
    return { injected: kills, accepted: world.load.answered.length, findings, recoveries };
  } finally {
    await world.remove();
  }
}

async function randomMoment({ load }: FaultWorld): Promise<void> {
  const until = load.answered.length + 1 + Math.floor(Math.random() * LONGEST_LIFE);
  while (load.answered.length < until) await load.nextAnswer();
}
