import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { freshCall, post } from './hook-client.js';
import { describe, pair } from './pair.js';
import { createTrial, type Trial, until } from './trial.js';

const TOKEN = 'follow-up-token-0123456';
const CONTACTS = 80;
const WAIT_MS = 2_000;
/**
 * Around the moment at which the follow-up leaves: when it is due, or, where an intake of its own has planned it, when the
 * leader looks for what is overdue.
 */
const EARLIEST_MS = -300;
const LATEST_MS = pair === 'sqlite' ? 300 : 2_500;
const WITHIN_MS = 1_000;

let trial: Trial;
let sink: HttpSink;

beforeEach(async () => {
  [sink, trial] = await Promise.all([startHttpSink(), createTrial()]);
  trial.write('aftercall.yaml', {
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: { crm: { kind: 'http', url: `${sink.url}/crm`, concurrency: 20 } },
    egress: { allow: ['127.0.0.1/32'] },
  });
  trial.write('rules/rules.yaml', {
    rules: {
      nudge: {
        match: { 'extracted_variables.next_action': 'offer' },
        then: [
          {
            ...{
              id: 'nudge',
              to: 'crm',
              after: `${WAIT_MS}ms`,
              with: { body: { who: '{{ customer_phone }}' } },
            },
            cancel_when: { later_call: { match: { 'extracted_variables.next_action': 'booked' } } },
          },
        ],
      },
    },
  });
});
afterEach(async () => {
  await trial.remove();
  await sink.close();
});

/** The one process that SQLite allows; else an intake and three workers. Answers the address of the hook. */
async function startAll(): Promise<string> {
  if (pair === 'sqlite') await trial.start();
  else {
    const workers = [1, 2, 3].map(() => trial.start({ args: ['--role', 'worker'] }));
    await Promise.all(workers);
    await trial.start({ args: ['--role', 'intake'] });
  }
  return trial.hook('autocalls', TOKEN);
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Raced {
  contact: string;
  /** When the later call was answered. */
  bookedAt: number;
}

/** An offer, and a later call at about the moment at which its follow-up is due. */
async function race(hook: string, nth: number): Promise<Raced> {
  const contact = `+43664${String(2_000_000 + nth)}`;
  const call = (next: string) =>
    post(hook, freshCall({ customer_phone: contact, extracted_variables: { next_action: next } }));
  await sleep(nth * 25);
  await call('offer');
  await sleep(WAIT_MS + EARLIEST_MS + Math.random() * (LATEST_MS - EARLIEST_MS));
  await call('booked');
  return { contact, bookedAt: Date.now() };
}

describe('a later call at the last moment', () => {
  it('takes a follow-up back within a second, or was too late for what had left by then', async () => {
    const hook = await startAll();
    const raced = await Promise.all(Array.from({ length: CONTACTS }, (_, nth) => race(hook, nth)));
    const rows = () =>
      trial.rows<{ contact: string; state: string; updated_at: number }>(
        "select contact, state, updated_at from deliveries where action = 'nudge'",
      );
    const open = ['pending', 'sending'];
    await until(async () => (await rows()).every(({ state }) => !open.includes(state)));
    const byContact = new Map((await rows()).map((row) => [row.contact, row]));
    const sentAt = new Map(
      sink.requests.map(({ json, time }) => [(json as { who: string }).who, time] as const),
    );
    for (const { contact, bookedAt } of raced) {
      const { state, updated_at: updatedAt = 0 } = byContact.get(contact) ?? {};
      const sent = sentAt.get(contact);
      expect([contact, state]).toEqual([contact, sent === undefined ? 'canceled' : 'delivered']);
      // The one that came too late: the first byte may follow the answer by what the machine needs.
      if (sent !== undefined) expect(sent - bookedAt).toBeLessThan(WITHIN_MS);
      else expect(updatedAt - bookedAt).toBeLessThan(WITHIN_MS);
    }
    // Both happened, or nothing was raced.
    expect(sentAt.size).toBeGreaterThan(0);
    expect(sentAt.size).toBeLessThan(CONTACTS);
    expect(sink.requests).toHaveLength(sentAt.size);
  });
});
