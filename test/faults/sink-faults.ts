import { type FaultRow } from './row.js';
import { type Behaviour } from './sink-log.js';
import { memoryGauge, startMetadata, startResettingGate } from './sink-helpers.js';
import { type SinkFault, sinkRun } from './sink-run.js';
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
  run: (scale, pair) => sinkRun(fault, scale, pair),
  control: { what: control.what, run: (_scale, pair) => sinkRun(fault, 'short', pair, control.kind) },
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
