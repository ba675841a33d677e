import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { apiClient } from '../support/api-client.js';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { ADMIN_TOKEN, hookOf, writeMain, writeRules } from './api-config.js';
import { freshCall, post } from './hook-client.js';
import { describe } from './pair.js';
import { createTrial, type Trial, until } from './trial.js';

let trial: Trial;
let sink: HttpSink;
let ids: { event: string; delivery: string };
const api = apiClient(() => `${trial.server.url}/api/v1`, ADMIN_TOKEN);

beforeAll(async () => {
  sink = await startHttpSink();
  sink.respondWith({ status: 400 });
  trial = await createTrial();
  writeMain(trial, sink);
  writeRules(trial);
  await trial.start();
  const { body } = await post(hookOf(trial, 'sink'), freshCall());
  const [delivery] = await until(async () => {
    const { items } = (await api.get('/deliveries?state=dead')).body;
    return items.length > 0 && items;
  });
  ids = { event: String(body.event_id), delivery: String(delivery?.id) };
});
afterAll(async () => {
  await trial.remove();
  await sink.close();
});

/** Every route that the document names, and the document itself, on ids that exist. */
async function routes(): Promise<{ method: string; path: string }[]> {
  const { paths } = await api.document();
  const named = Object.entries(paths).flatMap(([template, operations]) =>
    Object.keys(operations).map((method) => ({ method: method.toUpperCase(), path: fill(template) })),
  );
  return [...named, { method: 'GET', path: '/api/v1/openapi.json' }];
}

function fill(template: string): string {
  const id = template.includes('/events/') ? ids.event : ids.delivery;
  return template.replace('{id}', id).replace('{name}', 'sink').replace('{contact}', '+436641234567');
}

const CREDENTIALS: Record<string, Record<string, string>> = {
  'no header': {},
  'an empty one': { authorization: '' },
  'a wrong token': { authorization: 'Bearer wrong-token-0123456789' },
  'a part of the token': { authorization: `Bearer ${ADMIN_TOKEN.slice(0, -1)}` },
  'more than the token': { authorization: `Bearer ${ADMIN_TOKEN}x` },
  'the token as Basic': { authorization: `Basic ${Buffer.from(`admin:${ADMIN_TOKEN}`).toString('base64')}` },
  'the token of the hook': { authorization: 'Bearer api-hook-token-0123456789' },
  'the token elsewhere': { 'x-api-key': ADMIN_TOKEN, cookie: `token=${ADMIN_TOKEN}` },
};

const SPELLINGS: Record<string, (path: string) => string> = {
  'as it is': (path) => path,
  'with a slash at its end': (path) => `${path}/`,
  'with two slashes first': (path) => `/${path}`,
  'with two slashes inside': (path) => path.replace('/v1/', '/v1//'),
  'in capitals': (path) => path.replace('/api/v1', '/API/V1'),
  'with an encoded letter': (path) => path.replace('/api', '/%61pi'),
  'with an encoded slash': (path) => path.replace('/v1/', '/v1%2f'),
  'with a dot': (path) => path.replace('/v1/', '/v1/./'),
  'with two dots': (path) => path.replace('/api/', '/hooks/../api/'),
  'with encoded dots': (path) => path.replace('/api/', '/hooks/%2e%2e/api/'),
  'with a semicolon': (path) => `${path};a=b`,
  'with an encoded NUL': (path) => `${path}%00`,
  'with a query': (path) => `${path}?access_token=${ADMIN_TOKEN}`,
  'as a whole address': (path) => trial.server.url + path,
};

/** Sends the path as it stands: `fetch` would tidy it up. */
function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(trial.server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('without the admin token', () => {
  it.each(Object.keys(SPELLINGS))('no route answers, %s', async (spelling) => {
    const spell = SPELLINGS[spelling] as (path: string) => string;
    const refused = new Set([400, 401, 404]);
    for (const { method, path } of await routes())
      for (const [name, headers] of Object.entries(CREDENTIALS))
        for (const each of [method, method === 'GET' ? 'HEAD' : 'PUT']) {
          const answer = await ask(each, spell(path), headers);
          const asked = `${each} ${spell(path)} with ${name}`;
          expect([asked, refused.has(answer.status)]).toEqual([asked, true]);
          expect(answer.body).not.toContain('idempotency_key');
          if (spelling === 'as it is' && each === method)
            expect([asked, answer.status]).toEqual([asked, 401]);
        }
  });

  it('nothing has changed', async () => {
    expect((await api.get(`/deliveries/${ids.delivery}`)).body).toMatchObject({
      state: 'dead',
      attempt_count: 1,
    });
    expect((await api.get('/destinations')).body.items).toMatchObject([
      ...[{ state: 'ready' }, { state: 'ready' }, { state: 'ready' }, { state: 'ready' }],
    ]);
    expect(sink.requests).toHaveLength(1);
  });
});

/** Changes the delivery that exists. */
function routeTo(roomAndWord: string): string {
  const [room, word] = roomAndWord.split(' ');
  return `POST /api/v1/${room}/${ids.delivery}/${word}`;
}

describe('with the admin token', () => {
  it('every route answers', async () => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    // So that what one route sets off is not on its way when the next one looks.
    await api.post('/destinations/sink/pause');
    const statuses = new Map<string, number>();
    for (const { method, path } of await routes())
      statuses.set(`${method} ${path}`, (await ask(method, path, headers)).status);
    // By the time that its own route comes, the delivery was canceled by the route for many.
    const refusals = new Map([
      ...[
        'deliveries retry',
        'deliveries release',
        'deliveries cancel',
        'followups cancel',
        'followups run-now',
      ].map((each) => [routeTo(each), 409] as const),
      // These want to be told what.
      [routeTo('followups snooze'), 400],
      ['POST /api/v1/followups/snooze', 400],
      ['POST /api/v1/rules/apply', 400],
    ]);
    for (const [route, status] of statuses)
      expect([route, status]).toEqual([route, refusals.get(route) ?? 200]);
  });
});

describe('the document', () => {
  it('describes every route with words, examples and refusals', async () => {
    const { openapi, paths, components } = await api.document();
    expect(openapi).toBe('3.1.0');
    expect(components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
    expect(Object.keys(paths).sort()).toEqual([
      '/api/v1/contacts/{contact}',
      '/api/v1/contacts/{contact}/allow',
      '/api/v1/contacts/{contact}/stop',
      '/api/v1/contacts/{contact}/timeline',
      '/api/v1/deliveries',
      '/api/v1/deliveries/cancel',
      '/api/v1/deliveries/release',
      '/api/v1/deliveries/retry',
      '/api/v1/deliveries/{id}',
      '/api/v1/deliveries/{id}/cancel',
      '/api/v1/deliveries/{id}/release',
      '/api/v1/deliveries/{id}/retry',
      '/api/v1/destinations',
      '/api/v1/destinations/{name}/pause',
      '/api/v1/destinations/{name}/resume',
      '/api/v1/events',
      '/api/v1/events/replay',
      '/api/v1/events/{id}',
      '/api/v1/events/{id}/explain',
      '/api/v1/events/{id}/replay',
      '/api/v1/followups',
      '/api/v1/followups/cancel',
      '/api/v1/followups/run-now',
      '/api/v1/followups/snooze',
      '/api/v1/followups/{id}/cancel',
      '/api/v1/followups/{id}/run-now',
      '/api/v1/followups/{id}/snooze',
      '/api/v1/processes',
      '/api/v1/rules/apply',
      '/api/v1/rules/plan',
      '/api/v1/stops',
    ]);
    for (const operation of Object.values(paths).flatMap((each) => Object.values(each))) {
      expect(operation).toMatchObject({ summary: expect.any(String), operationId: expect.any(String) });
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['200', '400', '401', '500', '503']),
      );
      for (const { content } of Object.values(operation.responses))
        expect(content['application/json']).toMatchObject({
          schema: expect.any(Object),
          example: expect.any(Object),
        });
      for (const { description } of operation.parameters ?? [])
        expect(description).toEqual(expect.any(String));
    }
  });

  it('says that no body is needed', async () => {
    const { paths } = await api.document();
    expect(paths['/api/v1/events/{id}/replay']?.post?.requestBody).toMatchObject({ required: false });
    expect(paths['/api/v1/deliveries/{id}/retry']?.post?.requestBody).toBeUndefined();
  });

  it('points at nothing that is not there, and names each operation once', async () => {
    const document = await api.document();
    const pointers = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    expect(pointers.length).toBeGreaterThan(20);
    for (const [, name = ''] of pointers) expect(Object.keys(document.components.schemas)).toContain(name);
    const names = Object.values(document.paths).flatMap((each) =>
      Object.values(each).map(({ operationId }) => operationId),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});
