import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sendRequest } from '../../../test/support/send-request.js';
import { type HttpClient, type HttpRequest } from '../../egress/http-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { type InspectedUse } from '../adapter.js';
import { adapter } from './google_sheets.adapter.js';
import { letterOf } from './table.js';

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: Json;
}

const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
const answers = fixture<Record<string, JsonObject>>('answers');
const refusals = fixture<{ name: string; answer: Answer; outcome: JsonObject }[]>('refusals');

const { privateKey: private_key } = generateKeyPairSync('rsa', {
  ...{ modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' } },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const ACCOUNT = {
  client_email: 'calls@acme.example.com',
  private_key,
  spreadsheet_id: 's-1',
  sheet: 'Calls',
};

/** The steps of an attempt in order: the token, the first row, the column of ids, the new row. */
type Step = 'token' | 'header' | 'ids' | 'append' | 'title';

const GOOD: Record<Step, Answer> = {
  token: { body: answers.token ?? null },
  header: { body: answers.header ?? null },
  ids: { body: answers.ids ?? null },
  append: { body: answers.appended ?? null },
  title: { body: answers.title ?? null },
};

function google(given: Partial<Record<Step, Answer>>): HttpClient & { requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    send: (request) => {
      requests.push(request);
      const { status = 200, headers = {}, body } = { ...GOOD, ...given }[stepOf(request)];
      return Promise.resolve({
        status,
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
    },
  };
}

function stepOf({ url, method }: HttpRequest): Step {
  if (url.endsWith('/token')) return 'token';
  if (method === 'POST') return 'append';
  if (!url.includes('/values/')) return 'title';
  return url.endsWith('1%3A1') ? 'header' : 'ids';
}

let accounts = 0;

/** Each time another account, for tokens are kept. */
async function send(values: Json, given: Partial<Record<Step, Answer>> = {}, more: JsonObject = {}) {
  const http = google(given);
  accounts += 1;
  const options = adapter.options.parse({ ...ACCOUNT, client_email: `calls-${accounts}@acme.example.com` });
  const input = { values, ...more };
  const outcome = await adapter.send(sendRequest({ operation: 'append_row', options, input, http }));
  const written = http.requests.find((request) => stepOf(request) === 'append');
  const row = (JSON.parse(String(written?.body ?? '{"values":[null]}')) as { values: Json[] }).values[0];
  return { outcome, requests: http.requests, steps: http.requests.map(stepOf), written, row };
}

describe('a row', () => {
  it('is appended by the names of its columns, with the id of the call, as it is', async () => {
    const { outcome, steps, written, row } = await send({ summary: '=1+1', name: 'Jane' });
    expect(outcome).toEqual({ outcome: 'delivered', httpStatus: 200, receipt: { id: '5' } });
    expect(steps).toEqual(['token', 'header', 'ids', 'append']);
    expect(row).toEqual(['Jane', '12345', '=1+1']);
    const url = new URL(written?.url ?? '');
    expect(decodeURIComponent(url.pathname)).toBe("/v4/spreadsheets/s-1/values/'Calls'!A1:append");
    expect(url.search).toBe('?valueInputOption=RAW&insertDataOption=INSERT_ROWS');
    expect(written?.headers?.Authorization).toBe('Bearer ya29.first');
  });

  it('keeps numbers and booleans, joins lists, and leaves the rest empty', async () => {
    expect((await send({ name: 7, summary: ['a', 'b'] })).row).toEqual([7, '12345', 'a, b']);
    expect((await send({ summary: false })).row).toEqual(['', '12345', false]);
  });

  it('takes a list from the left, around the column of ids', async () => {
    expect((await send(['Jane', 'Interested', 3])).row).toEqual(['Jane', '12345', 'Interested', 3]);
    expect((await send([])).row).toEqual(['', '12345']);
  });

  it('has cells of 50,000 characters, without halves of characters', async () => {
    const { row } = await send(['x'.repeat(60_000), 'a\ud800']);
    expect((row as string[])[0]).toHaveLength(50_000);
    expect((row as string[])[2]).toBe('a\ufffd');
  });

  it('that is there already is not appended again', async () => {
    const { outcome, steps } = await send({ name: 'Jane' }, { ids: { body: answers.idsWithOurs ?? null } });
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: '3' } });
    expect(steps).toEqual(['token', 'header', 'ids']);
  });

  it('goes to another spreadsheet, sheet and column where the action says so', async () => {
    const more = { spreadsheet_id: 's/2', sheet: "Bob's", key_column: 'name' };
    const { requests, row } = await send({ summary: 'Hi' }, {}, more);
    expect(row).toEqual(['12345', '', 'Hi']);
    expect(new URL(requests[2]?.url ?? '').pathname).toBe(
      `/v4/spreadsheets/s%2F2/values/${encodeURIComponent("'Bob''s'!A:A")}`,
    );
  });

  it('is refused where a column is missing', async () => {
    const nothing = { header: { body: {} } };
    const shifted = { header: { body: { values: [['', 'call_id']] } } };
    for (const [values, given, words] of [
      [{ city: 'Vienna' }, {}, 'no column city'],
      [{}, nothing, 'no column call_id'],
      [[], shifted, 'begins with an empty cell'],
    ] as const) {
      const { outcome, steps } = await send(values as Json, given);
      expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
      expect(JSON.stringify(outcome)).toContain(words);
      expect(steps).not.toContain('append');
    }
  });

  it('has no place that the call chooses', () => {
    const operation = adapter.operations.append_row;
    expect(operation?.check?.({ sheet: '{{ status }}' })).toMatchObject([{ path: 'sheet' }]);
    expect(operation?.check?.({ sheet: "{{ labels.client | lookup: 'sheet_of' }}" })).toEqual([]);
  });
});

it.each(refusals.map(({ name, ...one }) => [name, one] as const))(
  'understands %s',
  async (_, { answer, outcome }) => {
    expect((await send({ name: 'Jane' }, { header: answer })).outcome).toMatchObject(outcome);
    expect((await send({ name: 'Jane' }, { append: answer })).outcome).toMatchObject(outcome);
  },
);

describe('a token', () => {
  it('is refused where the key is not that of the account', async () => {
    const { outcome } = await send(
      { name: 'Jane' },
      { token: { status: 400, body: answers.badToken ?? null } },
    );
    expect(outcome).toMatchObject({
      ...{ outcome: 'unauthorized', reason: 'unauthorized' },
      message: 'no access token was given: invalid_grant',
    });
  });

  it('is asked for anew once when it is refused', async () => {
    const { outcome, steps } = await send({ name: 'Jane' }, { header: { status: 401, body: {} } });
    expect(outcome).toMatchObject({ outcome: 'unauthorized' });
    expect(steps).toEqual(['token', 'header', 'token', 'header']);
  });
});

describe('options', () => {
  it('hold a key, with line ends or the signs for them', () => {
    const oneLine = { ...ACCOUNT, private_key: private_key.replaceAll('\n', '\\n') };
    expect(adapter.checkOptions?.(adapter.options.parse(ACCOUNT))).toEqual([]);
    expect(adapter.checkOptions?.(adapter.options.parse(oneLine))).toEqual([]);
    const broken = adapter.options.parse({ ...ACCOUNT, private_key: 'no key' });
    expect(adapter.checkOptions?.(broken)).toMatchObject([{ path: 'private_key' }]);
  });

  it('name the hosts that are dialled', () => {
    expect(adapter.addresses?.(adapter.options.parse(ACCOUNT))).toEqual([
      ...['sheets.googleapis.com', 'oauth2.googleapis.com'],
    ]);
  });
});

it.each([
  [0, 'A'],
  [25, 'Z'],
  [26, 'AA'],
  [701, 'ZZ'],
  [702, 'AAA'],
])('calls column %i %s', (index, letter) => {
  expect(letterOf(index)).toBe(letter);
});

describe('an inspection', () => {
  const inspect = (given: Partial<Record<Step, Answer>>, uses: InspectedUse[]) => {
    const { mail, signal, timeoutMs, now } = sendRequest({ options: {} });
    const options = adapter.options.parse(ACCOUNT);
    return adapter.inspect?.({ ...{ options, uses, mail, signal, timeoutMs, now }, http: google(given) });
  };
  const use = (content: JsonObject) => ({ operation: 'append_row', with: content });

  it('names the spreadsheet, and the columns that it does not have', async () => {
    const uses = [
      use({ values: { name: '{{ id }}' } }),
      use({ values: { city: '{{ id }}' }, key_column: 'id' }),
      use({ values: { city: 'x' }, sheet: "{{ status | lookup: 'sheets' }}" }),
    ];
    expect(await inspect({}, uses)).toEqual({
      account: 'Leads of Acme',
      problems: [
        { use: 1, path: 'key_column', problem: 'the first row has no column id' },
        { use: 1, path: 'values.city', problem: 'the first row has no column city' },
      ],
    });
  });

  it('finds a sheet that is not there, and an API that is switched off', async () => {
    const missing = { header: { status: 400, body: refusals[0]?.answer.body ?? null } };
    expect(await inspect(missing, [use({ values: [], sheet: 'Leads' })])).toMatchObject({
      problems: [{ use: 0, path: 'sheet' }],
    });
    expect(await inspect({ title: { status: 403, body: answers.disabled ?? null } }, [])).toMatchObject({
      problems: [{ use: null, problem: expect.stringContaining('has not been used') }],
    });
  });
});
