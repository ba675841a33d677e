import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { type FaultWorld } from './fault-world.js';
import { type FaultRow } from './row.js';
import { type Behaviour } from './sink-log.js';
import { type Beside, type SinkFault, sinkRun } from './sink-run.js';
import { type Victim } from './victim-process.js';
import { type Control } from './victim/plan.js';

interface SinkRow extends SinkFault {
  what: string;
  control: { kind: Control; what: string };
}

const FRESH_KEY = { kind: 'fresh-key', what: 'a fresh key per attempt' } as const;
const NO_RETRY = { kind: 'no-retry', what: 'takes every failure for final' } as const;
const IMPATIENT = { kind: 'ignore-retry-after', what: 'comes back when it likes' } as const;
const NO_LIMITS = { kind: 'no-limits', what: 'no deadline and no limit in bytes' } as const;

/** Every other request meets the fault: never ten in a row, so that no breaker opens and hides it. */
function everyOther(behaviour: () => Behaviour): (nth: number) => Behaviour {
  return (nth) => (nth % 2 === 1 ? behaviour() : {});
}

const ROWS: Record<string, SinkRow> = {
  'hang-before': {
    what: 'destination hangs before its headers',
    behave: everyOther(() => ({ answer: { hang: 'before' } })),
    control: FRESH_KEY,
  },
  'hang-after': {
    what: 'destination hangs after its headers',
    behave: everyOther(() => ({ answer: { hang: 'after-headers' } })),
    control: FRESH_KEY,
  },
  drip: {
    what: 'answer drips without end',
    behave: everyOther(() => ({ answer: { dripMs: 20 } })),
    control: NO_LIMITS,
  },
  'reset-unread': {
    what: 'connection reset before anything is read',
    behave: () => ({}),
    beside: (world) => startResettingGate(world),
    control: NO_RETRY,
  },
  'reset-read': {
    what: 'connection reset after the request is read',
    behave: everyOther(() => ({ answer: { reset: true } })),
    control: FRESH_KEY,
  },
  'reset-mid-answer': {
    what: 'connection reset in the middle of the answer',
    behave: everyOther(() => ({ answer: { reset: 'mid-answer' } })),
    control: FRESH_KEY,
  },
  'rate-limit': {
    what: '429 with Retry-After: 1',
    behave: (nth) => (nth % 4 === 1 ? limited('1', 1_000) : {}),
    options: { concurrency: 1 },
    control: IMPATIENT,
    calls: { short: 8, long: 60 },
  },
  'absurd-rate-limit': {
    what: '429 with Retry-After: -5, in the past, or no time at all',
    behave: (nth) => (nth % 4 === 1 ? absurdlyLimited(nth) : {}),
    options: { concurrency: 1 },
    control: IMPATIENT,
    calls: { short: 8, long: 60 },
  },
  'endless-rate-limit': {
    what: '429 with Retry-After: 1000000000000',
    behave: () => ({}),
    beside: ({ sink, log }) => {
      const day = 24 * 60 * 60_000;
      sink.respondAt(
        '/keyed',
        log.responder((nth) => (nth === 1 ? limited('1000000000000', day) : {})),
      );
      return Promise.resolve({ problems: () => [], close: () => undefined });
    },
    control: IMPATIENT,
    // One is enough to close the lane for a day; what else came would wait behind it.
    calls: { short: 1, long: 1 },
  },
  'server-error': {
    what: 'status 500',
    behave: everyOther(() => ({ answer: { status: 500 }, taken: false })),
    control: NO_RETRY,
  },
  'not-ok': {
    what: 'Slack answers 200 with {"ok":false}',
    behave: everyOther(() => ({ answer: { status: 500 }, taken: false })),
    unkeyed: { bot_token: 'xoxb-0', channel: '#calls', base_url: 'sink:', webhook_url: undefined },
    beside: ({ sink, log }) => {
      const no = everyOther(() => ({
        answer: { body: { ok: false, error: 'internal_error' } },
        taken: false,
      }));
      const yes = { answer: { body: { ok: true, channel: 'C1', ts: '1' } } };
      const behave = (nth: number) => (nth % 2 === 1 ? no(nth) : yes);
      sink.respondAt('/api/chat.postMessage', log.responder(behave, 'unkeyed'));
      return Promise.resolve({ problems: () => [], close: () => undefined });
    },
    control: { kind: 'believe-answers', what: 'takes any answer for a yes' },
  },
  redirect: {
    what: 'redirect to a metadata address',
    behave: () => ({}),
    mayDie: true,
    beside: (world) => startMetadata(world),
    control: { kind: 'follow-redirects', what: 'follows redirects' },
  },
  'huge-answer': {
    what: 'answer of 2 GB',
    behave: everyOther(() => ({ answer: { bodyBytes: 2 * 1024 ** 3 } })),
    beside: () => Promise.resolve(memoryGauge()),
    control: NO_LIMITS,
    calls: { short: 4, long: 100 },
  },
};

export const sinkRows: FaultRow[] = Object.entries(ROWS).map(([name, { what, control, ...fault }]) => ({
  name,
  what,
  run: (scale) => sinkRun(fault, scale),
  control: { what: control.what, run: () => sinkRun(fault, 'short', control.kind) },
}));

function limited(retryAfter: string, holdOffMs: number): Behaviour {
  return {
    answer: { status: 429, headers: { 'retry-after': retryAfter } },
    taken: false,
    holdOffUntil: Date.now() + holdOffMs,
  };
}

/** Whatever it says, the lane waits at least a second; what is no time at all leaves it to the schedule. */
function absurdlyLimited(nth: number): Behaviour {
  const [text, holdOffMs] = ABSURD[Math.floor(nth / 4) % ABSURD.length] ?? ['-5', 1_000];
  return limited(text, holdOffMs);
}
const ABSURD: readonly (readonly [string, number])[] = [
  ['-5', 1_000],
  ['Wed, 21 Oct 2015 07:28:00 GMT', 1_000],
  ['soon', 0],
];

/** Listens in front of the sink: every other connection is reset before a byte of it is read. */
async function startResettingGate({ sink, log }: FaultWorld): Promise<Beside> {
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
async function startMetadata({ sink, log }: FaultWorld): Promise<Beside> {
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

function memoryGauge(): Beside {
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
