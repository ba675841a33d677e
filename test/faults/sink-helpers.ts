import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { type FaultWorld } from './fault-world.js';
import { type Beside } from './sink-run.js';
import { type Victim } from './victim-process.js';

/** Listens in front of the sink: every other connection is reset before a byte of it is read. */
export async function startResettingGate({ sink, log }: FaultWorld): Promise<Beside> {
  let count = 0;
  const gate = createServer((socket) => {
    count += 1;
    socket.on('error', () => undefined);
    if (count % 2 === 1) {
      log.faults += 1;
      return void socket.resetAndDestroy();
    }
    const onward = connect(sink.port, '127.0.0.1');
    onward.on('error', () => socket.destroy());
    onward.once('data', () => setImmediate(() => socket.destroySoon()));
    socket.pipe(onward).pipe(socket);
  });
  return { address: `${await listen(gate)}/`, problems: () => [], close: () => void gate.close() };
}

/** Stands in for the metadata service of a cloud: nobody may ever knock there. */
export async function startMetadata({ sink, log }: FaultWorld): Promise<Beside> {
  let knocks = 0;
  const metadata = createHttpServer((_request, response) => void response.end('credentials'));
  metadata.on('connection', () => (knocks += 1));
  const location = `${await listen(metadata)}/latest/meta-data/`;
  const redirect = () => ({ answer: { status: 302, headers: { location } }, taken: false });
  sink.respondAt('/keyed', log.responder(redirect));
  sink.respondAt('/unkeyed', log.responder(redirect));
  return {
    problems: () => (knocks === 0 ? [] : [`the metadata address was reached ${knocks} times`]),
    close: () => {
      metadata.closeAllConnections();
      metadata.close();
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that holds what it is sent would need the 2 GB; ours stays below this. */
const MEMORY_BOUND_MIB = 300;

export function memoryGauge(): Beside {
  let peak = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = (victim: Victim) => {
    if (victim.isAlive()) peak = Math.max(peak, victim.peakMiB());
  };
  return {
    watch: (victim) => (timer = setInterval(() => look(victim), 50)),
    problems: () => (peak < MEMORY_BOUND_MIB ? [] : [`the program took ${Math.round(peak)} MiB`]),
    close: () => clearInterval(timer),
  };
}
