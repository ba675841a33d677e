import { createServer } from 'node:http';
import { routeOf } from '../../../src/attach.js';
import { openStore } from '../../../src/open-store.js';
import { createRuntime } from '../../../src/runtime.js';
import { type PruneCursor, type Store } from '../../../src/store/store.js';
import { type KillPoint, say, type VictimPlan } from './plan.js';
import { StruckClock } from './struck-clock.js';
import { struckKinds } from './struck-kinds.js';
import { strikePg } from './struck-pg.js';
import { strikeSqlite } from './struck-sql.js';
import { struckStore } from './struck-store.js';
import { Trap } from './trap.js';

/**
 * The real runtime with traps at the contracts of its parts, listening on `PORT`. Beside the hooks:
 * `GET /counts`, `POST /jump?ms=` for the clock, `POST /look` for what is due by it, `POST /prune?before=` and
 * `POST /retry-dead`.
 */
const plan = JSON.parse(process.env.VICTIM ?? '{}') as VictimPlan;
const { control, strike } = plan;
const trap = new Trap(strike);
const clock = new StruckClock(control, plan.startAt);

/** Traps inside transactions need the store on this thread; elsewhere it runs as it does in production. */
const INSIDE: readonly (KillPoint | undefined)[] = ['commit-inside', 'migration', 'prune'];
const isInline = INSIDE.includes(strike?.point) || control === 'no-transaction';
if (isInline) {
  strikeSqlite(trap, control);
  strikePg(trap, control);
}

const runtime = await createRuntime({
  config: './config',
  kinds: await struckKinds(trap, control),
  clock,
  role: plan.role,
  leaseMs: plan.leaseMs,
  logLevel: 'error',
  openStore: async (config) => struckStore(await openStore(config, { thread: !isInline }), trap, control),
});
const { desk, hooks, live, store } = runtime;
// The first to hear of it was the address guard, the last will be the dispatcher: this is in the middle.
live.onSwap(() => trap.reach('swap'));
await runtime.start();

const server = createServer((request, response) => {
  const route = routeOf(request.url ?? '', ['']);
  if (route !== null) return void hooks.handle(request, response, route);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://victim');
  void act(pathname, searchParams).then(
    (result) => response.end(JSON.stringify(result)),
    (error: Error) => response.writeHead(500).end(error.message),
  );
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => say({ is: 'ready' }));
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void runtime.stop().then(() => process.exit(0));
});

async function act(path: string, query: URLSearchParams): Promise<unknown> {
  if (path === '/counts') return counts();
  if (path === '/jump') return clock.jump(Number(query.get('ms')));
  if (path === '/look') return runtime.fleet.probe([...live.current().config.destinations.keys()]);
  if (path === '/prune') return prune(store, Number(query.get('before')));
  if (path === '/retry-dead') return desk.retryMany({});
  throw new Error(`there is no ${path}`);
}

/** How much is on its way; what waits for longer than a run lasts is not. */
async function counts(): Promise<{ busy: number; now: number }> {
  const { pending = 0, sending = 0 } = await store.countDeliveries();
  const now = clock.now();
  const dueAt = await store.nextDueAt();
  const isParked = dueAt !== null && dueAt > now + 60_000;
  return { busy: sending + (isParked ? 0 : pending), now };
}

async function prune(from: Store, eventsBefore: number): Promise<void> {
  const before = { eventsBefore, bodiesBefore: eventsBefore, reachesBefore: eventsBefore };
  const request = { ...before, now: clock.now(), limit: 20 };
  let after: PruneCursor | null = null;
  do ({ next: after } = await from.prune({ ...request, after }));
  while (after !== null);
}
