import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../../test/support/http-sink.js';
import { freePort } from '../../test/support/server-process.js';
import { type CommandTrial, startTrial } from '../../test/support/try-command.js';

describe('trigger', () => {
  let trial: CommandTrial;
  let server: HttpSink;
  beforeAll(async () => {
    server = await startHttpSink();
    trial = startTrial();
    const sources =
      'sources: { first: { kind: autocalls, token: token-of-the-first }, other: { kind: autocalls, token: token-of-another } }';
    trial.write('config/aftercall.yaml', `schema: 1\nserver: { port: ${server.port} }\n${sources}\n`);
  });
  beforeEach(() => server.respondWith({ status: 202, body: { status: 'accepted' } }));
  afterEach(() => server.reset());
  afterAll(async () => {
    await server.close();
    trial.remove();
  });

  const sent = () => server.requests.at(-1);

  it('posts a sample to the configured server with the token, under a fresh id', async () => {
    const ids = new Set<unknown>();
    for (let i = 0; i < 2; i += 1) {
      const { exitCode, stdout } = await trial.run(['trigger', 'autocalls/completed-campaign']);
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '202 {"status":"accepted"}\n' });
      ids.add((sent()?.json as { id: number }).id);
    }
    expect(ids.size).toBe(2);
    expect(sent()).toMatchObject({ method: 'POST', path: '/hooks/first' });
    expect(sent()?.headers).toMatchObject({
      authorization: 'Bearer token-of-the-first',
      'content-type': 'application/json',
    });
    expect([...ids].every(Number.isSafeInteger)).toBe(true);
  });

  it('changes what it is told to, and keeps every digit', async () => {
    const changes = [
      '--set',
      'extracted_variables.lead_quality=Hot',
      '--set',
      'id=123456789012345678901',
      '--unset',
      'recording_url',
    ];
    await trial.run(['trigger', 'completed-campaign', ...changes]);
    expect(sent()?.body).toContain('"id": 123456789012345678901,');
    expect(sent()?.json).toMatchObject({ extracted_variables: { lead_quality: 'Hot', status: true } });
    expect(sent()?.json).not.toHaveProperty('recording_url');
  });

  it('keeps the id when asked to, and gives none to what has none', async () => {
    await trial.run(['trigger', 'completed-campaign', '--same-id']);
    expect(sent()?.json).toHaveProperty('id', 12345);
    await trial.run(['trigger', 'vendor-test-button-no-id']);
    expect(sent()?.json).not.toHaveProperty('id');
  });

  it('takes another source, labels and standard input', async () => {
    await trial.run(['trigger', '-', '--source', 'other', '--label', 'assistant=17'], { input: '{"id": 1}' });
    expect(sent()).toMatchObject({ path: '/hooks/other' });
    expect(sent()?.query.get('assistant')).toBe('17');
    expect(sent()?.headers.authorization).toBe('Bearer token-of-another');
  });

  it('needs no configuration when everything is given', async () => {
    const where = [
      '--url',
      `${server.url}/base/`,
      '--source',
      'far',
      '--token',
      'given',
      '--config',
      'nowhere',
    ];
    expect((await trial.run(['trigger', 'busy-nulls', ...where])).exitCode).toBe(0);
    expect(sent()).toMatchObject({ path: '/base/hooks/far' });
  });

  it('answers 1 when the server refuses the call', async () => {
    server.respondWith({ status: 401, body: { status: 'unauthorized' } });
    const { exitCode, stdout } = await trial.run(['trigger', 'busy-nulls', '-o', 'json']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '{"status":"unauthorized"}\n' });
  });

  it('answers 3 when there is no server', async () => {
    const { exitCode, stderr } = await trial.run([
      'trigger',
      'busy-nulls',
      '--url',
      `http://127.0.0.1:${await freePort()}`,
    ]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED.*; is the server running\?/,
    );
  });

  it.each([
    [['busy-nuls'], 'did you mean autocalls/busy-nulls?'],
    [['busy-nulls', '--set', 'x'], 'Expected name=value'],
    [['busy-nulls', '--url', 'nonsense'], 'nonsense is no address'],
  ])('answers 2 to %j', async (args, message) => {
    const { exitCode, stderr } = await trial.run(['trigger', ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
