import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { freePort } from '../support/server-process.js';
import { describe, onSqlite } from './pair.js';
import { type Trial, createTrial, until } from './trial.js';

const FIXTURE = fileURLToPath(new URL('../fixtures/autocalls/completed-campaign.json', import.meta.url));

describe('the built command', () => {
  let trial: Trial;
  let port: number;
  let sink: HttpSink | null = null;

  beforeEach(async () => {
    trial = await createTrial();
    port = await freePort();
  });
  afterEach(async () => {
    await trial.remove();
    await sink?.close();
    sink = null;
  });

  const aftercall = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    trial.run(args, { PORT: String(port), ...env });
  const serve = () => trial.start({ port });

  it('leads from nothing to a delivered call', async () => {
    const results = [trial.init(), aftercall(['check', '--strict']), aftercall(['test'])];
    for (const { status, stdout, stderr } of results) {
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).not.toBe('');
    }
    const running = await serve();
    const { status, stdout } = aftercall(['trigger', 'autocalls/completed-campaign']);
    expect(status).toBe(0);
    expect(stdout).toContain('"fired":["hot-lead"]');
    await until(() => running.output().includes('Hot lead, John Doe: Customer interested in product demo'));
  });

  it('prints hook URLs with masked tokens at start, and whole on request', async () => {
    trial.write('aftercall.yaml', { sources: { in: { kind: 'autocalls' } } });
    const running = await serve();
    const masked = /http:\/\/127\.0\.0\.1:(\d+)\/hooks\/in\/([\w-]{4})…\n/.exec(running.output());
    expect(masked?.[1]).toBe(String(port));
    expect(running.output()).toContain(`http://127.0.0.1:${port}/metrics`);
    const { status, stdout } = aftercall(['urls', '-o', 'json']);
    expect(status).toBe(0);
    const { sources } = JSON.parse(stdout) as { sources: { urls: string[] }[] };
    const url = sources[0]?.urls[0] ?? '';
    expect(url).toMatch(new RegExp(`/hooks/in/${masked?.[2] ?? '?'}[\\w-]{28}$`));
    const answer = await fetch(url, { method: 'POST', body: readFileSync(FIXTURE) });
    expect(answer.status).toBe(202);
    expect(running.output() + running.log()).not.toContain(url);
  });

  it('simulates and explains a stored event beside the running server', async () => {
    trial.init();
    await serve();
    const sent = JSON.parse(aftercall(['trigger', 'busy-nulls', '-o', 'json']).stdout) as {
      event_id: string;
    };
    const simulated = aftercall(['simulate', sent.event_id, '-o', 'json']);
    expect(simulated.stderr).toBe('');
    expect(JSON.parse(simulated.stdout)).toMatchObject({
      event: { status: 'accepted' },
      actions: [{ rule: 'not-reached', action: 'tell', state: 'pending' }],
    });
    expect(aftercall(['explain', sent.event_id, 'not-reached']).stdout).toContain('status ("busy") same');
    const nobody = aftercall(['simulate', '01890a5d-ac96-774b-bcce-b302099a8057']);
    expect(nobody).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no event 01890a5d'),
    });
  });

  it('reads standard input to its end and prints long answers whole', () => {
    const text = '{{ extracted_variables.summary }}';
    trial.write('aftercall.yaml', {
      sources: { in: { kind: 'autocalls' } },
      destinations: { screen: { kind: 'log' } },
    });
    const then = ['x', 'y', 'z'].map((id) => ({ id, to: 'screen', with: { text } }));
    trial.write('rules/a.yaml', { rules: { a: { match: 'everything', then } } });
    const call = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { extracted_variables: object };
    const extracted_variables = { summary: 'long '.repeat(12_000) };
    const input = JSON.stringify({ ...call, extracted_variables });
    const { status, stdout } = trial.run(['simulate', '-', '-o', 'json'], {}, input);
    expect(status).toBe(0);
    const shown = { with: { text: extracted_variables.summary } };
    expect(JSON.parse(stdout)).toMatchObject({ actions: [shown, shown, shown] });
  });

  it('takes flags from the environment', () => {
    aftercall(['init', 'elsewhere']);
    expect(aftercall(['check'], { AFTERCALL_CONFIG: 'elsewhere', AFTERCALL_OUTPUT: 'json' })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('"ok": true'),
    });
  });

  describe('serve', () => {
    it('ends with 0 on SIGTERM and on SIGINT', async () => {
      trial.init();
      expect(await (await serve()).end('SIGTERM')).toBe(0);
      expect(await (await serve()).end('SIGINT')).toBe(0);
    });

    it('finishes the delivery under way before it ends', async () => {
      sink = await startHttpSink();
      sink.respondWith({ delayMs: 500 });
      await forwardTo(sink.url);
      const { event_id } = JSON.parse(aftercall(['trigger', 'busy-nulls', '-o', 'json']).stdout) as {
        event_id: string;
      };
      await sink.waitFor(1);
      expect(await trial.server.end('SIGTERM')).toBe(0);
      const lines = trial.server.log().split('\n');
      const line = lines.find((each) => each.includes(event_id)) ?? '';
      expect(line).toContain('"outcome":"delivered"');
    });

    it('ends at once on a second signal', async () => {
      sink = await startHttpSink();
      sink.respondWith({ hang: 'before' });
      await forwardTo(sink.url);
      aftercall(['trigger', 'busy-nulls']);
      await sink.waitFor(1);
      process.kill(trial.server.pid, 'SIGTERM');
      await until(() => trial.server.log().includes('"msg":"stopping"'));
      expect(await trial.server.end('SIGTERM')).toBe(143);
    });

    it('is not kept from ending by a client that never finishes its request', async () => {
      trial.write('aftercall.yaml', { sources: { in: { kind: 'autocalls', token: 'token-of-the-source' } } });
      await serve();
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write('POST /hooks/in/token-of-the-source HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
      await until(() => socket.bytesWritten > 0);
      expect(await trial.server.end('SIGTERM')).toBe(0);
    });

    it('answers 1 with every problem of a wrong configuration', () => {
      trial.write('aftercall.yaml', 'schema: 1\nfirst: 1\nsecond: 2\n');
      const { status, stderr, stdout } = aftercall(['serve']);
      expect(status).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(
        /config\/aftercall\.yaml:2:1 {2}first {2}[^\n]+\nconfig\/aftercall\.yaml:3:1 {2}second {2}[^\n]+\n$/,
      );
    });

    it('answers 1 with one line when the port is taken', async () => {
      trial.init();
      sink = await startHttpSink();
      const { status, stderr } = aftercall(['serve', '--port', String(sink.port)]);
      expect(status).toBe(1);
      const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
      const words = `aftercall: port ${sink.port} on 127.0.0.1 is in use; `;
      expect(said).toEqual([expect.stringContaining(words)]);
      expect(stderr).not.toContain('EADDRINUSE');
    });

    onSqlite.it('answers 1 with one line when another server has the file', async () => {
      trial.init();
      await serve();
      const { status, stderr } = aftercall(['serve', '--port', String(await freePort())]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^aftercall: [^\n]*a server is running on this database[^\n]*\n$/);
    });
  });

  /** A server that forwards every call to `url`. */
  async function forwardTo(url: string): Promise<void> {
    trial.write('aftercall.yaml', {
      sources: { autocalls: { kind: 'autocalls' } },
      destinations: { flow: { kind: 'http', url: `${url}/hook` } },
      egress: { allow: ['127.0.0.1/32'] },
    });
    const all = { match: 'everything', then: [{ id: 'send', to: 'flow' }] };
    trial.write('rules/all.yaml', { rules: { all } });
    await serve();
  }
});
