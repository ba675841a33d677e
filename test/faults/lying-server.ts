import 'reflect-metadata';
import { createServer } from 'node:http';
import { routeOf } from '../../src/attach.js';
import { EventAcceptor } from '../../src/intake/accept-event.js';
import { HookHandler } from '../../src/intake/hook-handler.js';
import { systemClock } from '../../src/lib/clock.js';
import { createRuntime } from '../../src/runtime.js';
import { type Store } from '../../src/store/store.js';

/** How long the lie lasts: the time between the answer and the commit. */
const LIE_MS = 50;

const runtime = await createRuntime({ config: './config', storeThread: false, logLevel: 'silent' });
const { live, store } = runtime;

/** Says that the event is stored, and stores it a moment later. */
const accept: Store['accept'] = (event) => {
  setTimeout(() => void store.accept(event), LIE_MS);
  return Promise.resolve({ status: 'accepted', eventId: event.id, revision: 1 });
};
const acceptor = new EventAcceptor({
  store: { accept },
  live,
  queue: { wake: () => undefined },
  clock: systemClock,
});
const hooks = new HookHandler({ acceptor, live, tokens: runtime.hookTokens });
await runtime.start();

const server = createServer((request, response) => {
  const route = routeOf(request.url ?? '', ['']);
  if (route) void hooks.handle(request, response, route);
  else if (request.url === '/metrics') void page().then((text) => response.end(text));
  else response.end('ok');
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
  void runtime.stop().then(() => process.exit(0));
});

async function page(): Promise<string> {
  const counts = Object.entries(await store.countDeliveries());
  return counts.map(([state, count]) => `aftercall_deliveries{state="${state}"} ${count}\n`).join('');
}
