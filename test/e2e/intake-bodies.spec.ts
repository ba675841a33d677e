import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ANY_ID, answerAccepted, freshCall, type HookAnswer, post } from './hook-client.js';
import { HOSTILE_BODIES, keys, nested } from './hostile-bodies.js';
import { type Intake, startIntake } from './intake-config.js';
import { describe } from './pair.js';
import { type Trial, createTrial } from './trial.js';

let intake: Intake;
let trial: Trial;

beforeAll(async () => {
  intake = await startIntake();
  trial = intake.trial;
});

afterAll(() => intake.remove());

describe('what is no readable call', () => {
  let hostile: Trial;
  const answers = new Map<string, HookAnswer>();

  beforeAll(async () => {
    hostile = await createTrial();
    hostile.write('aftercall.yaml', {
      sources: { calls: { kind: 'autocalls', token: 'calls-token-0123456789' } },
    });
    await hostile.start();
    for (const { title, bytes } of HOSTILE_BODIES)
      answers.set(
        title,
        await post(hostile.hook('calls', 'calls-token-0123456789'), bytes, { 'content-type': 'x/y' }),
      );
    await hostile.server.end('SIGTERM');
  });
  afterAll(() => hostile.remove());

  it.each(HOSTILE_BODIES)(
    '$title: answers 422 and keeps it byte by byte',
    async ({ title, bytes, path, problem }) => {
      const answer = answers.get(title);
      expect(answer?.status).toBe(422);
      const problems = [{ path, problem }];
      expect(answer?.body).toEqual({ status: 'quarantined', event_id: ANY_ID, problems });
      const [row] = await hostile.rows<{ raw: Buffer; problems: string }>(
        'select raw, content_type, status, problems from events where id = ?',
        answer?.body.event_id,
      );
      expect(row).toMatchObject({ content_type: 'x/y', status: 'quarantined' });
      expect(row?.raw.equals(bytes)).toBe(true);
      expect(JSON.parse(row?.problems ?? '')).toEqual(problems);
    },
  );
});

describe('what is odd, but readable', () => {
  it.each([
    ['NUL in a text', '{"id":"odd-1","status":"completed","extracted_variables":{"summary":"a\\u0000b"}}'],
    ['a lone surrogate', '{"id":"odd-2","status":"completed","extracted_variables":{"summary":"a\\ud800"}}'],
    ['fields that nobody knows', '{"id":"odd-3","status":"odd","extra":{"a":[1,{"b":null}]},"":0}'],
    ['64 levels', nested(64)],
    ['10,000 keys', keys(10_000)],
    ['a byte order mark', '\ufeff{"id":"odd-4","status":"completed"}'],
  ])('takes %s', async (_, text) => {
    const answer = await post(trial.hook('calls', 'calls-token-0123456789'), text);
    expect(answer).toMatchObject(answerAccepted([]));
    const sql = 'select raw from events where id = ?';
    const [row] = await trial.rows<{ raw: Buffer }>(sql, answer.body.event_id);
    expect(row?.raw.toString()).toBe(text);
  });
});

describe('how much it reads', () => {
  const sized = (bytes: number) => JSON.stringify(freshCall()).padEnd(bytes);
  const LIMIT = 5 * 2 ** 20;

  it('takes 5 MiB, and answers 413 to one byte more, over a connection that stays usable', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const url = trial.hook('calls', 'calls-token-0123456789');
    const tooLarge = await sendOver(agent, url, sized(LIMIT + 1));
    const body = { status: 'too_large', message: 'the body is over 5 MiB' };
    expect(tooLarge).toEqual({ status: 413, body, reused: false });
    const next = await sendOver(agent, url, sized(LIMIT));
    expect(next).toEqual({ ...answerAccepted([]), reused: true });
    agent.destroy();
  });

  it('reads a body of 31 MiB to its end before it answers 413', async () => {
    const answer = await post(trial.hook('calls', 'calls-token-0123456789'), Buffer.alloc(31 * 2 ** 20, ' '));
    expect(answer.status).toBe(413);
  });

  it('cuts off a body that goes on beyond 32 MiB', async () => {
    const sentMiB = await sendWithoutEnd(trial.hook('calls', 'calls-token-0123456789'));
    expect(sentMiB).toBeGreaterThan(30);
    expect(sentMiB).toBeLessThan(64);
  });
});

function sendOver(agent: Agent, url: string, body: string): Promise<object> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          body: JSON.parse(text) as unknown,
          reused: sent.reusedSocket,
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends on, whatever is answered, until the other side closes; says how many MiB it got rid of. */
function sendWithoutEnd(url: string): Promise<number> {
  const chunk = Buffer.alloc(2 ** 20, ' ');
  return new Promise((resolve) => {
    let sentMiB = 0;
    const sent = request(url, { method: 'POST' }, (response) => response.resume());
    const more = (): void => {
      if (sent.destroyed || sentMiB > 100) return;
      sent.write(chunk, (error) => {
        if (!error) sentMiB += 1;
        more();
      });
    };
    sent.on('error', () => undefined);
    sent.on('close', () => resolve(sentMiB));
    more();
  });
}
