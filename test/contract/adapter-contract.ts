import { existsSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Adapter, type OperationSet } from '../../src/adapters/adapter.js';
import { type AttemptOutcome } from '../../src/domain/attempt.js';
import { CONTACT_CHANNELS } from '../../src/domain/contact-limits.js';
import { createAddressGuard } from '../../src/egress/address-guard.js';
import { createHttpClient } from '../../src/egress/guarded-http-client.js';
import { createMailClient } from '../../src/egress/guarded-mail-client.js';
import { type JsonObject } from '../../src/lib/json.js';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { sendRequest } from '../support/send-request.js';
import { type SmtpSink, startSmtpSink } from '../support/smtp-sink.js';

/** One entry of a kind's `fixtures/contract.json`. `{sink}` in options stands for the sink's URL. */
export interface ContractExample {
  name: string;
  transport: 'http' | 'smtp' | 'print';
  options: JsonObject;
  operation: string;
  input: JsonObject;
  /** With `http`: the answer that means success. */
  answer?: { status: number; body: string };
}

export interface ContractOptions {
  folder: URL;
  kinds: ReadonlyMap<string, Adapter>;
  /** A stand-in of the vendor tries what it sends; without one, the examples of its `fixtures/contract.json` do. */
  hasStandIn: boolean;
}

/** What every kind of destination promises, whatever it talks to. */
export function adapterContract(adapter: Adapter, { folder, kinds, hasStandIn }: ContractOptions): void {
  describe(`kind ${adapter.kind}`, () => {
    declarationContract(adapter, folder);
    if (!hasStandIn || existsSync(new URL('fixtures/contract.json', folder)))
      describe('sends', () => sendingContract(adapter, folder, kinds));
  });
}

const SECRET_NAME =
  /(^|_)(token|secret|password|api_key|private_key|bearer|webhook_url|smtp_url|access_key)$/;

function declarationContract(adapter: Adapter, folder: URL): void {
  it('says what it is, in schemas that editors can use', () => {
    expect(adapter.description).toMatch(/^[A-Z].*\.$/);
    const described = [adapter.options, ...Object.values(adapter.operations).map(({ input }) => input)];
    for (const schema of described) {
      const json = z.toJSONSchema(schema, { io: 'input' });
      expect(json).toMatchObject({ type: 'object', additionalProperties: false });
      for (const [name, property] of Object.entries(json.properties ?? {}))
        expect([name, property]).toEqual([
          name,
          expect.objectContaining({ description: expect.stringMatching(/./) }),
        ]);
    }
  });

  it('marks every secret among its options', () => {
    for (const [name, schema] of propertiesOf(z.toJSONSchema(adapter.options, { io: 'input' })))
      if (SECRET_NAME.test(name))
        expect([name, schema]).toEqual([name, expect.objectContaining({ secret: true })]);
  });

  it('names operations that colleagues read and where their test mark goes', () => {
    for (const { audience, testMarkField, input } of Object.values(adapter.operations)) {
      expect(testMarkField !== undefined).toBe(audience === 'colleagues');
      if (testMarkField !== undefined) expect(input.shape).toHaveProperty(testMarkField);
    }
  });

  it('says by which channel it reaches contacts, and of nothing else', () => {
    for (const { audience, reaches } of Object.values(adapter.operations)) {
      expect(reaches !== undefined).toBe(audience === 'contact');
      if (reaches !== undefined) expect(CONTACT_CHANNELS).toContain(reaches.channel);
    }
  });

  it('tells whom it reaches of any input, also of one with templates or faults', () => {
    const inputs: JsonObject[] = [
      {},
      { to: null, phone: 7 },
      { to: ['{{ a }}'], secondary_contacts: '{{ b }}' },
    ];
    for (const { reaches } of Object.values(adapter.operations))
      for (const input of inputs) expect(Array.isArray(reaches?.addresses?.(input) ?? [])).toBe(true);
  });

  it('says how a repeated attempt keeps from making a second record', () => {
    for (const { repeat } of Object.values(adapter.operations)) expect(repeat).toMatch(/^[A-Z].*[^.]$/);
  });

  it('comes with a README', async () => {
    await expect(access(new URL('README.md', folder))).resolves.toBeUndefined();
  });
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function propertiesOf(schema: JsonSchema): [string, unknown][] {
  const own = Object.entries(schema.properties ?? {});
  const below = [...own.map(([, inner]) => inner), ...(schema.anyOf ?? [])];
  return [...own, ...below.flatMap((inner) => (typeof inner === 'object' ? propertiesOf(inner) : []))];
}

/** Sinks and clients of one run of the contract. */
interface Bench {
  http: HttpSink;
  smtp: SmtpSink;
  printed: string[];
  optionsOf: (example: ContractExample) => Record<string, unknown>;
  send: (example: ContractExample, more?: { timeoutMs?: number; now?: number }) => Promise<AttemptOutcome>;
}

function sendingContract(adapter: Adapter, folder: URL, kinds: ReadonlyMap<string, Adapter>): void {
  const bench = useBench(adapter, kinds);

  it('what its examples say', async () => {
    const examples = await readExamples(folder);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) await deliversOnce(adapter, bench(), example, kinds);
  });

  it('the same thing on every attempt', async () => {
    for (const example of await readExamples(folder)) await repeatsItself(bench(), example);
  });

  it('and answers failures with the outcome that fits', async () => {
    for (const example of await readExamples(folder)) {
      if (example.transport === 'http') await judgesHttp(bench(), example);
      if (example.transport === 'smtp') await judgesSmtp(bench(), example);
    }
  });

  it('and gives none of its secrets away when that fails', async () => {
    for (const example of await readExamples(folder)) {
      bench().http.respondWith({ status: 500, body: 'broken' });
      bench().smtp.respondWith({ message: () => ({ code: 554, message: 'broken' }) });
      expect(JSON.stringify(await bench().send(example))).not.toContain('hushhush');
    }
  });
}

async function readExamples(folder: URL): Promise<ContractExample[]> {
  return JSON.parse(await readFile(new URL('fixtures/contract.json', folder), 'utf8')) as ContractExample[];
}

function useBench(adapter: Adapter, kinds: ReadonlyMap<string, Adapter>): () => Bench {
  const guard = createAddressGuard(['127.0.0.1/32']);
  const clients = { http: createHttpClient(guard), mail: createMailClient(guard) };
  const printed: string[] = [];
  let sinks: { http: HttpSink; smtp: SmtpSink };
  beforeAll(async () => {
    sinks = { http: await startHttpSink(), smtp: await startSmtpSink() };
  });
  afterEach(() => resetAll(sinks, printed));
  afterAll(async () => {
    clients.http.close();
    clients.mail.close();
    await Promise.all([sinks.http.close(), sinks.smtp.close()]);
  });
  const optionsOf: Bench['optionsOf'] = ({ options, transport }) => {
    const { url } = transport === 'smtp' ? sinks.smtp : sinks.http;
    return adapter.options.parse(JSON.parse(JSON.stringify(options).replaceAll('{sink}', url)));
  };
  const send: Bench['send'] = (example, more) => {
    const { operation, input } = example;
    const print = (line: string) => void printed.push(line);
    const request = { ...clients, operation, input, options: optionsOf(example), kinds, print, ...more };
    return adapter.send(sendRequest(request));
  };
  return () => ({ ...sinks, printed, optionsOf, send });
}

function resetAll({ http, smtp }: { http: HttpSink; smtp: SmtpSink }, printed: string[]): void {
  http.reset();
  smtp.reset();
  printed.length = 0;
}

async function deliversOnce(
  adapter: Adapter,
  bench: Bench,
  example: ContractExample,
  kinds: ReadonlyMap<string, Adapter>,
): Promise<void> {
  resetAll(bench, bench.printed);
  const set: OperationSet = adapter.operationsFor?.(bench.optionsOf(example), kinds) ?? adapter;
  expect(set.operations[example.operation]?.input.safeParse(example.input).error).toBeUndefined();
  bench.http.respondWith(example.answer ?? {});
  expect(await bench.send(example)).toMatchObject({ outcome: 'delivered' });
  const taken = { http: bench.http.requests, smtp: bench.smtp.messages, print: bench.printed };
  for (const [transport, things] of Object.entries(taken))
    expect([transport, things.length]).toEqual([transport, transport === example.transport ? 1 : 0]);
}

/** What may differ between attempts: times, and what is made of them. */
const MOVING = ['date', 'webhook-timestamp', 'webhook-signature', 'content-type'];

async function repeatsItself(bench: Bench, example: ContractExample): Promise<void> {
  resetAll(bench, bench.printed);
  bench.http.respondWith(example.answer ?? {});
  await bench.send(example);
  await bench.send(example, { now: Date.now() });
  const headersOf = ({ headers }: { headers: Record<string, string> }) =>
    Object.entries(headers).filter(([name]) => !MOVING.includes(name));
  for (const list of [bench.http.requests, bench.smtp.messages]) {
    const [first, second] = list.map(headersOf);
    expect(second).toEqual(first);
  }
  expect(bench.http.requests[1]?.raw).toEqual(bench.http.requests[0]?.raw);
  expect(bench.http.requests[1]?.path).toBe(bench.http.requests[0]?.path);
  expect(bench.printed[1]).toBe(bench.printed[0]);
}

async function judgesHttp({ http, send }: Bench, example: ContractExample): Promise<void> {
  http.respondWith({ status: 429, headers: { 'retry-after': '7' } });
  expect(await send(example)).toMatchObject({ outcome: 'retry', reason: 'rate_limited', afterMs: 7000 });
  http.respondWith({ status: 503 });
  expect(await send(example)).toMatchObject({ outcome: 'retry', reason: 'server_error' });
  http.respondWith({ status: 422, body: 'no' });
  expect(await send(example)).toMatchObject({
    outcome: 'rejected',
    httpStatus: 422,
    message: 'HTTP 422: no',
  });
  http.respondWith({ status: 401 });
  expect(await send(example)).toMatchObject({ outcome: 'unauthorized' });
  http.respondWith({ status: 302, headers: { location: '/elsewhere' } });
  expect(await send(example)).toMatchObject({ outcome: 'rejected', reason: 'redirect' });
  http.respondWith({ hang: 'before' });
  expect(await send(example, { timeoutMs: 300 })).toMatchObject({ outcome: 'unknown', reason: 'timeout' });
  http.respondWith({ reset: true });
  expect(await send(example)).toMatchObject({ outcome: 'unknown', reason: 'connection' });
}

async function judgesSmtp({ smtp, send }: Bench, example: ContractExample): Promise<void> {
  smtp.respondWith({ recipient: () => ({ code: 451 }) });
  expect(await send(example)).toMatchObject({ outcome: 'retry', reason: 'refused' });
  smtp.respondWith({ recipient: () => ({ code: 550 }) });
  expect(await send(example)).toMatchObject({ outcome: 'rejected', reason: 'refused' });
  smtp.respondWith({ message: () => ({ code: 452 }) });
  expect(await send(example)).toMatchObject({ outcome: 'retry', reason: 'server_error' });
  smtp.respondWith({ message: () => 'hang' });
  expect(await send(example, { timeoutMs: 600 })).toMatchObject({ outcome: 'unknown', reason: 'timeout' });
  smtp.respondWith({ message: () => 'cut' });
  expect(await send(example)).toMatchObject({ outcome: 'unknown', reason: 'connection' });
}
