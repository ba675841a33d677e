import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CommandTrial, startTrial } from '../../test/support/try-command.js';

describe('aftercall', () => {
  let trial: CommandTrial;
  beforeEach(() => {
    trial = startTrial();
  });
  afterEach(() => trial.remove());

  it('says its version and its help with exit code 0', async () => {
    expect(await trial.run(['--version'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+/),
    });
    const help = await trial.run(['--help']);
    expect(help.exitCode).toBe(0);
    const calls = ['simulate', 'explain', 'trigger', 'events', 'deliveries', 'followups', 'contact', 'plan'];
    for (const name of ['serve', 'urls', 'init', 'check', 'test', 'schema', ...calls])
      expect(help.stdout).toContain(`  ${name} `);
  });

  it.each([
    [[]],
    [['nonsense']],
    [['events']],
    [['deliveries', 'mend']],
    [['check', '--nonsense']],
    [['simulate']],
    [['check', '-o', 'xml']],
  ])('answers 2 to %j', async (args) => {
    const { exitCode, stderr } = await trial.run(args);
    expect(exitCode).toBe(2);
    expect(stderr).not.toBe('');
  });

  it('suggests the command that was meant', async () => {
    expect((await trial.run(['simulat'])).stderr).toContain('Did you mean simulate?');
  });

  it.each([
    ['check'],
    ['urls'],
    ['test'],
    ['serve'],
    ['simulate', 'x'],
    ['explain', 'x'],
    ['trigger', 'busy-nulls'],
    ['events', 'list'],
    ['deliveries', 'retry', 'x'],
    ['followups', 'list'],
    ['contact', 'show', '+436641234567'],
    ['schedule', 'x'],
    ['plan'],
    ['apply', '--pending', 'keep'],
  ])('%s answers 2 without a configuration folder, and says how to make one', async (...args) => {
    const { exitCode, stderr } = await trial.run(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('there is no configuration folder config');
    expect(stderr).toContain('aftercall init config');
  });

  describe('init', () => {
    it('writes a configuration that passes check and test', async () => {
      const { exitCode, stdout } = await trial.run(['init']);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('config/aftercall.yaml');
      expect(await trial.run(['check', '--strict'])).toMatchObject({ exitCode: 0 });
      expect(await trial.run(['test'])).toMatchObject({ exitCode: 0, stdout: '3 passed, 0 failed\n' });
    });

    it('makes tokens anew each time', async () => {
      await trial.run(['init', 'one']);
      await trial.run(['init', 'two']);
      const [one, two] = [await trial.run(['urls', '-c', 'one']), await trial.run(['urls', '-c', 'two'])];
      expect(one.stdout).toMatch(/^autocalls {2}http:\/\/127\.0\.0\.1:3000\/hooks\/autocalls\/[\w-]{32}\n/);
      expect(one.stdout).not.toBe(two.stdout);
    });

    it('never overwrites', async () => {
      trial.write('config/rules/calls.yaml', 'mine');
      const { exitCode, stderr } = await trial.run(['init']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('config/rules/calls.yaml is there already');
      expect((await trial.run(['check'])).exitCode).toBe(1);
    });

    it('names the folder in the next steps', async () => {
      expect((await trial.run(['init', 'clients/acme'])).stdout).toContain(
        'aftercall check --config clients/acme',
      );
    });
  });

  describe('check', () => {
    const broken = 'schema: 1\nsources: { autocalls: { kind: autocals } }\nnonsense: 1\n';

    it('lists every problem with its place and answers 1', async () => {
      trial.write('config/aftercall.yaml', broken);
      const { exitCode, stdout } = await trial.run(['check']);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/aftercall\.yaml:2:\d+ {2}sources\.autocalls\.kind {2}.*autocalls/);
      expect(stdout).toMatch(/aftercall\.yaml:3:\d+ {2}nonsense {2}/);
      expect(stdout).toMatch(/2 errors, 0 warnings\n$/);
    });

    it('prints the same as JSON', async () => {
      trial.write('config/aftercall.yaml', broken);
      const { exitCode, stdout } = await trial.run(['check', '-o', 'json']);
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        ok: false,
        errors: 2,
        problems: [{ line: 2 }, { line: 3 }],
      });
    });

    it('lets warnings pass unless they are to count', async () => {
      trial.write('config/aftercall.yaml', 'schema: 1\n');
      expect(await trial.run(['check'])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('0 errors, 1 warning'),
      });
      expect((await trial.run(['check', '--strict'])).exitCode).toBe(1);
    });

    it('is coloured on a terminal only, and not with NO_COLOR', async () => {
      trial.write('config/aftercall.yaml', 'schema: 1\n');
      expect((await trial.run(['check'])).stdout).not.toContain('\u001b[');
      expect((await trial.run(['check'], { isTty: true })).stdout).toContain('\u001b[');
      expect((await trial.run(['check'], { isTty: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(
        '\u001b[',
      );
    });
  });

  describe('schema', () => {
    it('knows the destinations of the configuration', async () => {
      trial.write('config/aftercall.yaml', 'schema: 1\ndestinations: { my-screen: { kind: log } }\n');
      const { exitCode, stdout } = await trial.run(['schema']);
      expect(exitCode).toBe(0);
      expect(JSON.stringify(JSON.parse(stdout))).toContain('"enum":["my-screen"]');
    });

    it('does without a usable configuration and says so', async () => {
      const { exitCode, stdout, stderr } = await trial.run(['schema', 'rules']);
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toHaveProperty('properties.rules');
      expect(stderr).toContain('there is no configuration in config');
    });
  });

  describe('urls', () => {
    it('uses the public address and prints every token', async () => {
      const tokens = '[first-token-of-two-0001, second-token-of-two-002]';
      const server = 'server: { public_url: "https://hooks.example.com/x/" }';
      const admin = 'admin: { token: admin-token-0123456789 }';
      const sources = `sources: { in: { kind: autocalls, token: ${tokens} } }`;
      trial.write('config/aftercall.yaml', ['schema: 1', server, admin, sources].join('\n'));
      const { stdout } = await trial.run(['urls', '-o', 'json']);
      const base = 'https://hooks.example.com/x/hooks/in';
      const urls = [`${base}/first-token-of-two-0001`, `${base}/second-token-of-two-002`];
      expect(JSON.parse(stdout)).toEqual({
        sources: [{ name: 'in', urls }],
        admin_token: 'admin-token-0123456789',
      });
    });

    it('makes tokens on first use and keeps them', async () => {
      const storage = `storage: sqlite:${trial.dir}/data/calls.db`;
      trial.write('config/aftercall.yaml', `schema: 1\n${storage}\nsources: { in: { kind: autocalls } }\n`);
      const first = await trial.run(['urls']);
      expect(first.stdout).toMatch(/\/hooks\/in\/[\w-]{32}\n\nadmin token {2}[\w-]{32}\n/);
      expect(await trial.run(['urls'])).toEqual(first);
    });

    it('takes another port', async () => {
      trial.write(
        'config/aftercall.yaml',
        'schema: 1\nadmin: { token: admin-token-0123456789 }\nsources: { in: { kind: autocalls, token: token-0123456789ab } }',
      );
      expect((await trial.run(['urls', '--port', '8080'])).stdout).toContain(
        'http://127.0.0.1:8080/hooks/in/',
      );
      expect((await trial.run(['urls'], { env: { PORT: '9090' } })).stdout).toContain(':9090/');
      expect(await trial.run(['urls', '--port', '80800'])).toMatchObject({ exitCode: 2 });
    });
  });
});
