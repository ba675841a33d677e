import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { answerAccepted, freshCall, type HookAnswer, post } from './hook-client.js';
import { describe, onPostgres, onSqlite, pair } from './pair.js';
import { canMount, mountSmallDisk, type SmallDisk } from './small-disk.js';
import { type StoreTrouble, STORE_TROUBLES } from './store-trouble-config.js';
import { type Trial, createTrial, until } from './trial.js';

const TOKEN = 'store-token-0123456789';
const UNAVAILABLE = { status: 'unavailable', message: 'the call could not be stored; send it again' };
/** What a write may wait: 1 s for a lock, 2 s in the queue; the rest is a slow machine. */
const ANSWER_WITHIN_MS = 6_000;
const RECOVERED_WITHIN_MS = 30_000;

let trial: Trial;
let sink: HttpSink;

beforeEach(async () => {
  sink = await startHttpSink();
  trial = await createTrial();
  writeMain();
  const rules = { forward: { match: 'everything', then: [{ id: 'send', to: 'sink' }] } };
  trial.write('rules/forward.yaml', { rules });
});
afterEach(async () => {
  await trial.remove();
  await sink.close();
});

function writeMain(storage = trial.settings.storage): void {
  trial.write('aftercall.yaml', {
    storage,
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: {
      sink: { kind: 'http', url: `${sink.url}/sink`, retry: { waits: ['50ms', '50ms', '1s', '5s'] } },
    },
    egress: { allow: ['127.0.0.1/32'] },
  });
}

const send = (call: object) => post(trial.hook('autocalls', TOKEN), call);
const statusOf = async (path: string) => (await fetch(`${trial.server.url}${path}`)).status;

function expectUnavailable({ status, body, headers }: HookAnswer): void {
  expect({ status, body }).toEqual({ status: 503, body: UNAVAILABLE });
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
}

interface StoredCall {
  callId: string;
  decisions: number;
  deliveries: number;
}

function storedCalls(): Promise<StoredCall[]> {
  return trial.rows<StoredCall>(
    `select call_id as "callId", (select count(*) from decisions d where d.event_id = e.id) as decisions,
     (select count(*) from deliveries d where d.event_id = e.id) as deliveries from events e order by seq`,
  );
}

/** Everything that was accepted is there and arrives, each once; nothing else is there; nothing is half there. */
async function expectExactly(accepted: unknown[]): Promise<void> {
  expect(await storedCalls()).toEqual(accepted.map((callId) => ({ callId, decisions: 1, deliveries: 1 })));
  const open = "select id from deliveries where state <> 'delivered'";
  await until(async () => (await trial.rows(open)).length === 0, RECOVERED_WITHIN_MS);
  const arrived = sink.requests.map(({ json }) => (json as { id: string }).id);
  expect(new Set(arrived)).toEqual(new Set(accepted));
  if (pair === 'sqlite')
    expect(await trial.rows('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
}

describe.each(Object.keys(STORE_TROUBLES))('%s', (name) => {
  const trouble = STORE_TROUBLES[name]?.() as StoreTrouble;
  const onPair = trouble.pair === 'sqlite' ? onSqlite : onPostgres;

  beforeEach(async () => {
    if (pair !== trouble.pair) return;
    writeMain(await trouble.prepare(trial));
    await trial.start();
  });
  afterEach(() => trouble.remove());

  onPair.it('makes intake answer 503 with Retry-After and readiness fail until it is over', async () => {
    const before = freshCall();
    expect(await send(before)).toMatchObject(answerAccepted(['forward']));
    await sink.waitFor(1);
    await trouble.begin(trial);

    const started = performance.now();
    const refused = freshCall();
    const answers = await Promise.all([send(refused), send(refused), send(freshCall())]);
    expect(performance.now() - started).toBeLessThan(ANSWER_WITHIN_MS);
    answers.forEach(expectUnavailable);
    expect(await Promise.all([statusOf('/health/ready'), statusOf('/health/live')])).toEqual([503, 200]);
    expect(await statusOf('/metrics')).toBe(200);

    await trouble.end();
    await until(async () => (await statusOf('/health/ready')) === 200, RECOVERED_WITHIN_MS);
    expect(await send(refused)).toMatchObject(answerAccepted(['forward']));
    await expectExactly([before.id, refused.id]);
    const page = await trial.metrics();
    expect(page).toContain('aftercall_events_total{source="autocalls",status="unavailable"} 3\n');
  });

  onPair.it('loses no outcome of an attempt that was made meanwhile', async () => {
    sink.respondWith({ delayMs: 500 });
    const call = freshCall();
    expect(await send(call)).toMatchObject(answerAccepted(['forward']));
    await sink.waitFor(1);
    await trouble.begin(trial);
    await until(() => trial.server.log().includes('unavailable'));
    await trouble.end();
    await expectExactly([call.id]);
    expect(sink.requests).toHaveLength(1);
  });
});

// Where nobody may mount, a developer goes without; the project's own checks must not.
const onSmallDisk = canMount() || process.env.CI === 'true' ? it : it.skip;

onSqlite.describe('a full disk below the file', () => {
  let disk: SmallDisk | null = null;

  afterEach(() => {
    disk?.unmount();
    disk = null;
  });

  onSmallDisk(
    'makes intake answer 503 with Retry-After, stores nothing in part, and is over when space returns',
    async () => {
      disk = mountSmallDisk(join(trial.dir, 'data'), 8);
      await trial.start();
      const accepted: unknown[] = [];
      const sendMany = async (count: number): Promise<HookAnswer[]> => {
        const answers: HookAnswer[] = [];
        for (let n = 0; n < count; n += 1) {
          const call = freshCall({ notes: 'x'.repeat(20_000) });
          const answer = await send(call);
          if (answer.status === 202) accepted.push(call.id);
          answers.push(answer);
        }
        return answers;
      };
      expect((await sendMany(5)).map(({ status }) => status)).toEqual(Array(5).fill(202));

      disk.fill();
      const full = await until(async () => {
        const [answer] = await sendMany(1);
        return answer?.status === 202 || answer === undefined ? null : answer;
      });
      expectUnavailable(full);
      (await sendMany(3)).forEach(expectUnavailable);
      expect(await Promise.all([statusOf('/health/ready'), statusOf('/health/live')])).toEqual([503, 200]);

      disk.free();
      await until(async () => (await statusOf('/health/ready')) === 200);
      expect((await sendMany(5)).map(({ status }) => status)).toEqual(Array(5).fill(202));
      await expectExactly(accepted);
      expect(await trial.server.end('SIGTERM')).toBe(0);
    },
  );
});
