import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../test/support/server-process.js';
import { type DeskTrial, startDeskTrial } from '../../test/support/try-desk.js';

describe('where the desk is', () => {
  let trial: DeskTrial;
  beforeAll(async () => {
    trial = await startDeskTrial();
  });
  afterEach(() => trial.server.reset());
  afterAll(() => trial.close());

  const run = (args: string[]) => trial.runThere(['deliveries', ...args]);

  describe('a server that does not do as asked', () => {
    it.each([
      [
        401,
        { status: 'unauthorized', message: 'wrong or missing token' },
        2,
        /does not accept this admin token/,
      ],
      [400, { status: 'bad_request', message: 'state: x' }, 2, /^aftercall: state: x\n$/],
      [
        503,
        { status: 'unavailable', message: 'the store cannot write' },
        3,
        /answered 503: the store cannot/,
      ],
      [404, '<html>nginx</html>', 3, /answered 404, which is no answer of Aftercall's admin API/],
      [200, {}, 3, /answered 200, which is no answer of Aftercall's admin API/],
      [200, 'ok', 3, /answered 200, which is no answer of Aftercall's admin API/],
      [302, '', 3, /answered 302/],
    ])('%s %j', async (status, body, exitCode, words) => {
      trial.answer(body, status);
      const result = await run(['list']);
      expect(result).toMatchObject({ exitCode, stdout: '' });
      expect(result.stderr).toMatch(words);
      expect(result.stderr).not.toContain('admin-token');
    });

    it('answers 3 when there is none', async () => {
      const url = `http://127.0.0.1:${await freePort()}`;
      const { exitCode, stderr } = await trial.run(['deliveries', 'list', '--url', url, '--token', 'x']);
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/cannot be reached: .*ECONNREFUSED.*; is the server running\?/);
    });

    it.each(['nonsense', 'ftp://x', 'http://user:pass@127.0.0.1'])('%s is no address', async (url) => {
      for (const token of [['--token', 'x'], []]) {
        const { exitCode, stderr } = await trial.run(['deliveries', 'list', '--url', url, ...token]);
        expect(exitCode).toBe(2);
        expect(stderr).toContain('is no address');
      }
    });
  });

  describe('the address', () => {
    afterEach(() => void delete process.env.AFTERCALL_URL);

    it('comes from the environment, but a folder that is named means its store', async () => {
      process.env.AFTERCALL_URL = trial.server.url;
      trial.answer({ items: [], next: null });
      expect(await trial.run(['deliveries', 'list', '--token', 'x'])).toMatchObject({ exitCode: 0 });
      expect(await trial.run(['deliveries', 'list', '--token', 'x', '--config', 'nowhere'])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('there is no configuration folder nowhere'),
      });
      expect(trial.server.requests).toHaveLength(1);
    });
  });

  describe('the token', () => {
    const configured = () =>
      trial.write(
        'config/aftercall.yaml',
        `schema: 1\nserver: { port: ${trial.server.port} }\nadmin: { token: token-of-the-configuration }\n`,
      );

    it('comes from the configuration for the configured server', async () => {
      configured();
      trial.answer({ items: [], next: null });
      expect((await trial.run(['deliveries', 'list', '--url', `${trial.server.url}/`])).exitCode).toBe(0);
      expect(trial.server.requests[0]?.headers.authorization).toBe('Bearer token-of-the-configuration');
    });

    it('is not sent to another server', async () => {
      configured();
      const { exitCode, stderr } = await trial.run([
        'deliveries',
        'list',
        '--url',
        `${trial.server.url}/elsewhere`,
      ]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`${trial.server.url}/elsewhere wants its admin token; give it in`);
      expect(stderr).toContain(`only that of ${trial.server.url} is found by itself, in config`);
      expect(trial.server.requests).toEqual([]);
    });
  });
});
