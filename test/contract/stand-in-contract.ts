import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Adapter, type Operation, ifUnknownOf } from '../../src/adapters/adapter.js';
import { renderInput } from '../../src/adapters/render-input.js';
import { type AttemptOutcome } from '../../src/domain/attempt.js';
import { type Json, type JsonObject, isJsonObject } from '../../src/lib/json.js';
import { createTemplates } from '../../src/templates/templates.js';
import { sendRequest } from '../support/send-request.js';
import { type ConnectedStandIn, connectTo } from '../support/stand-ins/serve.js';
import { sampleCall } from '../support/stand-ins/sample-call.js';
import {
  type StandIn,
  type StandInAnswer,
  type StandInCase,
  type StandInKind,
  type StandInRequest,
} from '../support/stand-ins/stand-in.js';
import { HOSTILE_TEXTS } from '../support/stand-ins/hostile-texts.js';

const CASE_WITHIN_MS = 60_000;
const URL_OF_STAND_IN = 'http://127.0.0.1:9';
const TABLES = { channels: { '+1987654321': '#sales' } };

/** What a kind promises towards its vendor: tried against a stand-in that keeps records and answers as the vendor does. */
export function standInContract(adapter: Adapter, kind: StandInKind): void {
  describe(`kind ${adapter.kind} against its stand-in`, () => {
    it('has every operation tried', () => {
      const operations = Object.keys(adapter.operations).sort();
      expect([...new Set(kind.cases.map(({ operation }) => operation))].sort()).toEqual(operations);
    });

    for (const one of kind.cases) describe(one.name ?? one.operation, () => caseContract(adapter, kind, one));
  });
}

/** One destination at one vendor, from the first delivery to the last. */
interface World {
  standIn: StandIn;
  vendor: ConnectedStandIn;
  /** One attempt of the one delivery; what it leaves is there for the next. Released: by a person, after it was held. */
  attempt(how?: { isReleased: boolean }): Promise<AttemptOutcome>;
  recordCount(): number;
}

function caseContract(adapter: Adapter, kind: StandInKind, one: StandInCase): void {
  const wanted = one.records ?? 1;
  let world: World;
  beforeEach(() => {
    world = createWorld(adapter, kind, one);
  }, CASE_WITHIN_MS);

  it('is delivered, with the receipt that it declares', async () => {
    const outcome = await world.attempt();
    expect(outcome).toMatchObject({ outcome: 'delivered' });
    expect(world.recordCount()).toBe(wanted);
    const { receipt } = operationOf(adapter, one);
    // Some ways of an operation leave none, e.g. a webhook that answers nothing but yes.
    if (receipt !== undefined && outcome.outcome === 'delivered' && outcome.receipt !== undefined)
      expect(receipt.safeParse(outcome.receipt).error).toBeUndefined();
  });

  it('obeys the vendor that asks to wait, and is delivered afterwards', async () => {
    world.vendor.interfereWith(once((request) => !isLogin(kind, request), kind.throttled.answer));
    const { afterMs } = kind.throttled;
    expect(await world.attempt()).toMatchObject({
      ...{ outcome: 'retry', reason: 'rate_limited' },
      ...(afterMs !== null && { afterMs }),
    });
    expect(await world.attempt()).toMatchObject({ outcome: 'delivered' });
    expect(world.recordCount()).toBe(wanted);
  });

  it('is rejected in the words of the vendor', async () => {
    world.vendor.interfereWith(once((request) => isWrite(kind, request), kind.rejected.answer));
    const outcome = await world.attempt();
    expect(outcome).toMatchObject({
      outcome: 'rejected',
      message: expect.stringContaining(kind.rejected.words),
    });
  });

  it('says that the credentials are refused, and gives none of them away', async () => {
    world.vendor.interfereWith((request) => (isLogin(kind, request) ? null : kind.unauthorized));
    const outcome = await world.attempt();
    expect(outcome).toMatchObject({ outcome: 'unauthorized', reason: 'unauthorized' });
    expect(JSON.stringify(outcome)).not.toContain('hushhush');
    expect(world.recordCount()).toBe(0);
  });

  for (const fate of ['swallowed', 'lost'] as const)
    it(`leaves ${one.repeat ?? 'one'} record when a request is ${fate} and the attempt repeated`, async () => {
      await world.attempt();
      const writes = world.vendor.requests.filter((request) => isWrite(kind, request)).length;
      for (let nth = 1; nth <= writes; nth += 1) await repeatsSafely(adapter, kind, one, { nth, fate });
    });

  it('lets no hostile text change structure, mention or link', async () => {
    await resistsHostileTexts(adapter, kind, one);
  });
}

async function repeatsSafely(
  adapter: Adapter,
  kind: StandInKind,
  one: StandInCase,
  { nth, fate }: { nth: number; fate: 'swallowed' | 'lost' },
): Promise<void> {
  const world = createWorld(adapter, kind, one);
  world.vendor.interfereWith(nthTime(nth, (request) => isWrite(kind, request), fate));
  expect(await world.attempt()).toMatchObject({ outcome: 'unknown' });
  if (one.repeat === 'held') await staysUnknown(world);
  // Held ones are let go by a person: even then nobody is called twice.
  const again = await world.attempt({
    isReleased: ifUnknownOf({}, operationOf(adapter, one)) === 'hold',
  });
  expect([nth, again]).toEqual([nth, expect.objectContaining({ outcome: 'delivered' })]);
  const wanted = one.records ?? 1;
  if (one.repeat === 'held') return;
  if (one.repeat !== 'marked') expect([nth, world.recordCount()]).toEqual([nth, wanted]);
  else if (fate === 'swallowed')
    expect(JSON.stringify(world.standIn.records(one.operation).at(-1))).toMatch(/again/i);
}

/** Nothing can be looked up at the vendor, so nothing is sent before a person says so. */
async function staysUnknown(world: World): Promise<void> {
  const sent = world.vendor.requests.length;
  expect(await world.attempt()).toMatchObject({ outcome: 'unknown' });
  expect(world.vendor.requests).toHaveLength(sent);
}

function createWorld(adapter: Adapter, kind: StandInKind, one: StandInCase): World {
  const input = tryToRender(adapter, one, {});
  if (typeof input === 'string') throw new Error(`${one.operation}: ${input}`);
  return worldFor(adapter, kind, one, input);
}

function worldFor(adapter: Adapter, kind: StandInKind, one: StandInCase, input: JsonObject): World {
  const standIn = kind.create();
  const vendor = connectTo(standIn);
  const links = new Map<string, Json>();
  const options = adapter.options.parse({ ...kind.options(URL_OF_STAND_IN), ...one.options });
  let progress: Json = null;
  let mayHaveArrived = false;
  return {
    standIn,
    vendor,
    recordCount: () => standIn.records(one.operation).length,
    attempt: async ({ isReleased } = { isReleased: false }) => {
      const outcome = await adapter.send(
        sendRequest({
          ...{ operation: one.operation, input, options, http: vendor, progress, mayHaveArrived, isReleased },
          links: { find: (key) => Promise.resolve(links.get(key) ?? null) },
        }),
      );
      for (const { key, value } of outcome.links ?? []) links.set(key, value);
      if (outcome.outcome === 'unknown') mayHaveArrived = true;
      if (outcome.outcome !== 'delivered' && outcome.progress !== undefined) progress = outcome.progress;
      return outcome;
    },
  };
}

const templates = createTemplates({ timezone: 'UTC', tables: TABLES, files: {} });

/** The input, or the reason why there is none. */
function tryToRender(adapter: Adapter, one: StandInCase, more: JsonObject): JsonObject | string {
  const rendered = renderInput(operationOf(adapter, one), one.with, {
    ...{ templates, ifMissing: null, isTest: false },
    data: { ...sampleCall, ...one.data, ...more },
  });
  return rendered.ok ? rendered.input : rendered.reason;
}

function operationOf(adapter: Adapter, { operation: name }: StandInCase): Operation {
  const operation = adapter.operations[name];
  if (operation === undefined) throw new Error(`${adapter.kind} has no operation ${name}`);
  return operation;
}

const isLogin = (kind: StandInKind, request: StandInRequest) => kind.isLogin?.(request) ?? false;

function isWrite(kind: StandInKind, request: StandInRequest): boolean {
  return !isLogin(kind, request) && (kind.isWrite?.(request) ?? request.method !== 'GET');
}

function once(matches: (request: StandInRequest) => boolean, answer: StandInAnswer) {
  return nthTime(1, matches, answer);
}

function nthTime<Fate extends StandInAnswer | 'lost' | 'swallowed'>(
  nth: number,
  matches: (request: StandInRequest) => boolean,
  fate: Fate,
): (request: StandInRequest) => Fate | null {
  let seen = 0;
  return (request) => {
    if (!matches(request)) return null;
    seen += 1;
    return seen === nth ? fate : null;
  };
}

/** Each text of the input once with each hostile text; what is refused before it is sent changes nothing. */
async function resistsHostileTexts(adapter: Adapter, kind: StandInKind, one: StandInCase): Promise<void> {
  const paths = textPaths(one.with).filter((path) => one.fixed?.includes(path.join('.')) !== true);
  for (const path of paths) {
    const content = withText(one.with, path, '{{ hostile }}') as JsonObject;
    const expected = await sentWith(adapter, kind, { ...one, with: content }, 'harmless');
    expect([path, expected]).not.toEqual([path, null]);
    for (const text of HOSTILE_TEXTS) {
      const seen = await sentWith(adapter, kind, { ...one, with: content }, text);
      // Compared as text first: a matcher for each of them would take longer than all the rest.
      if (seen !== null && JSON.stringify(seen) !== JSON.stringify(expected))
        expect([path, text, seen]).toEqual([path, text, expected]);
    }
  }
}

/** Everything about the requests but the words of their texts; null: it was refused and nothing was sent. */
async function sentWith(
  adapter: Adapter,
  kind: StandInKind,
  one: StandInCase,
  hostile: string,
): Promise<unknown> {
  const input = tryToRender(adapter, one, { hostile });
  if (typeof input === 'string') return null;
  const world = worldFor(adapter, kind, one, input);
  const { outcome } = await world.attempt();
  return outcome === 'delivered' ? world.vendor.requests.map((request) => structureOf(kind, request)) : null;
}

function structureOf(kind: StandInKind, { method, path, query, headers, json, form }: StandInRequest) {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const names = Object.keys(headers).filter((name) => name !== 'content-length');
  return {
    method,
    segments: path.split('/').length,
    query: [...query.keys()],
    headers: names.sort(),
    body: isForm
      ? [...form].map(([name, value]) => [name, kind.marksOf(value, name)])
      : skeletonOf(json ?? null, kind.marksOf),
  };
}

function skeletonOf(value: Json, marksOf: StandInKind['marksOf'], field = ''): unknown {
  if (typeof value === 'string') return { marks: marksOf(value, field) };
  if (Array.isArray(value)) return value.map((item) => skeletonOf(item, marksOf, field));
  if (!isJsonObject(value)) return typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, skeletonOf(item, marksOf, key)]),
  );
}

type Path = (string | number)[];

function textPaths(value: Json, path: Path = []): Path[] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    textPaths(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function withText(value: Json, [first, ...rest]: Path, text: string): Json {
  if (first === undefined) return text;
  if (Array.isArray(value)) return value.map((item, i) => (i === first ? withText(item, rest, text) : item));
  return isJsonObject(value) ? { ...value, [first]: withText(value[first] ?? null, rest, text) } : value;
}
