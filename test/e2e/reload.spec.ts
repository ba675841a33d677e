import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { answerAccepted, freshCall, post } from './hook-client.js';
import { describe } from './pair.js';
import { type Trial, createTrial, until } from './trial.js';

const TOKEN = 'reload-token-0123456789';

let trial: Trial;
let sink: HttpSink;

beforeEach(async () => {
  sink = await startHttpSink();
  trial = await createTrial();
});
afterEach(async () => {
  await trial.remove();
  await sink.close();
});

/** `aftercall.yaml`; without `schema`, so that a test can change a part. */
function settings(changes: { token?: string; enabled?: boolean } = {}): object {
  const { token = TOKEN, enabled = true } = changes;
  return {
    sources: { autocalls: { kind: 'autocalls', token } },
    destinations: { flow: { kind: 'http', url: `${sink.url}/flow`, enabled } },
    egress: { allow: ['127.0.0.1/32'] },
  };
}

/** One rule of this name that sends this text for every call. */
function rule(name: string, text: string): object {
  const then = [{ id: 'send', to: 'flow', with: { body: { text } } }];
  return { rules: { [name]: { match: 'everything', then } } };
}

const hook = (token = TOKEN) => trial.hook('autocalls', token);

/** Waits until at least so many changes were seen since the start. */
async function reloads(result: 'applied' | 'rejected', count: number): Promise<void> {
  const line = new RegExp(`^aftercall_config_reloads_total\\{result="${result}"\\} (\\d+)$`, 'm');
  await until(async () => Number(line.exec(await trial.metrics())?.[1] ?? 0) >= count);
}

const texts = () => sink.requests.map(({ json }) => (json as { text: string }).text);

describe('a running server', () => {
  beforeEach(async () => {
    trial.write('aftercall.yaml', settings());
    trial.write('rules/first.yaml', rule('first', 'one'));
    await trial.start();
  });

  it('decides by an edited rule, a new one and the lack of an old one, without a restart', async () => {
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['first']));
    await sink.waitFor(1);
    trial.write('rules/first.yaml', rule('first', 'two'));
    await reloads('applied', 1);
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['first']));
    await sink.waitFor(2);
    trial.write('rules/deep/second.yaml', rule('second', 'three'));
    await reloads('applied', 2);
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['second', 'first']));
    rmSync(join(trial.dir, 'config/rules/first.yaml'));
    await reloads('applied', 3);
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['second']));
    await sink.waitFor(5);
    expect(texts().slice(0, 2)).toEqual(['one', 'two']);
    expect(texts().slice(2).sort()).toEqual(['three', 'three', 'two']);
  });

  it('keeps the last good rules after a broken edit, says where it is broken, and mends with it', async () => {
    trial.write('rules/first.yaml', 'schema: 1\nrules:\n  first:\n    match: everything\n    than: []\n');
    await reloads('rejected', 1);
    expect(await trial.metrics()).toContain('aftercall_config_last_reload_successful 0\n');
    const rejection = () => {
      const lines = trial.server.log().split('\n');
      return lines.find((each) => each.includes('configuration rejected')) ?? null;
    };
    const { problems } = JSON.parse(await until(rejection)) as { problems: string[] };
    expect(problems).toContainEqual(
      expect.stringMatching(
        /^config\/rules\/first\.yaml:5:5 {2}rules\.first\.than {2}unknown key "than".*"then"/,
      ),
    );
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['first']));
    await sink.waitFor(1);
    expect(texts()).toEqual(['one']);
    expect((await fetch(`${trial.server.url}/health/ready`)).status).toBe(200);
    trial.write('rules/first.yaml', rule('mended', 'two'));
    await reloads('applied', 1);
    expect(await trial.metrics()).toContain('aftercall_config_last_reload_successful 1\n');
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['mended']));
  });

  it('rejects a file that an editor has emptied, and one that is gone', async () => {
    trial.write('rules/first.yaml', '');
    await reloads('rejected', 1);
    rmSync(join(trial.dir, 'config/aftercall.yaml'));
    await reloads('rejected', 2);
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['first']));
  });
});

describe('a delivery that waits while the files are edited', () => {
  it('is rendered by the rule that planned it, also after a restart', async () => {
    trial.write('aftercall.yaml', settings({ enabled: false }));
    trial.write('rules/first.yaml', rule('first', 'old text for {{ status }}'));
    await trial.start();
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['first']));
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['first']));
    trial.write('rules/first.yaml', rule('first', 'new text'));
    await reloads('applied', 1);
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['first']));
    expect(await trial.server.end('SIGTERM')).toBe(0);
    await trial.start();
    expect(sink.requests).toEqual([]);
    trial.write('aftercall.yaml', settings());
    await sink.waitFor(3);
    expect(texts().sort()).toEqual(['new text', 'old text for completed', 'old text for completed']);
  });
});

describe('a mounted ConfigMap', () => {
  /** A version of the whole folder, as Kubernetes lays it out; the link is swapped in one step. */
  function publish(version: string, files: Record<string, object>): void {
    const folder = join(trial.dir, 'config', `..${version}`);
    for (const [name, content] of Object.entries(files)) trial.write(`..${version}/${name}`, content);
    mkdirSync(folder, { recursive: true });
    symlinkSync(`..${version}`, join(trial.dir, 'config', '..data_tmp'));
    renameSync(join(trial.dir, 'config', '..data_tmp'), join(trial.dir, 'config', '..data'));
  }

  it('takes effect when its ..data link is swapped', async () => {
    publish('v1', { 'aftercall.yaml': settings(), 'rules/first.yaml': rule('first', 'one') });
    for (const name of ['aftercall.yaml', 'rules'])
      symlinkSync(`..data/${name}`, join(trial.dir, 'config', name));
    await trial.start();
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['first']));
    publish('v2', { 'aftercall.yaml': settings(), 'rules/second.yaml': rule('second', 'two') });
    rmSync(join(trial.dir, 'config', '..v1'), { recursive: true });
    await reloads('applied', 1);
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['second']));
    publish('v3', { 'aftercall.yaml': settings(), 'rules/third.yaml': rule('third', 'three') });
    await reloads('applied', 2);
    expect(await post(hook(), freshCall())).toMatchObject(answerAccepted(['third']));
  });
});

describe('a secret in a file of its own', () => {
  it('takes effect when the file changes', async () => {
    const file = join(trial.dir, 'hook-token');
    writeFileSync(file, 'first-secret-0123456789\n');
    trial.write('aftercall.yaml', settings({ token: `\${file:${file}}` }));
    trial.write('rules/first.yaml', rule('first', 'one'));
    await trial.start();
    expect(await post(hook('first-secret-0123456789'), freshCall())).toMatchObject(answerAccepted(['first']));
    writeFileSync(file, 'second-secret-0123456789\n');
    await reloads('applied', 1);
    expect(await post(hook('second-secret-0123456789'), freshCall())).toMatchObject(
      answerAccepted(['first']),
    );
    expect((await post(hook('first-secret-0123456789'), freshCall())).status).toBe(401);
    rmSync(file);
    await reloads('rejected', 1);
    expect(await post(hook('second-secret-0123456789'), freshCall())).toMatchObject(
      answerAccepted(['first']),
    );
    expect(trial.server.log() + trial.server.output()).not.toContain('-secret-');
  });
});
