import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ConfigWatcher, watchConfig } from './watch.js';

let dir: string;
let watcher: ConfigWatcher | undefined;
let seen = 0;
let waiting: (() => void) | undefined;

beforeEach(() => {
  seen = 0;
  dir = mkdtempSync(join(tmpdir(), 'aftercall-watch-'));
  mkdirSync(join(dir, 'rules'));
  write('aftercall.yaml', 'schema: 1');
  write('rules/a.yaml', 'schema: 1');
});

afterEach(() => {
  watcher?.close();
  rmSync(dir, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(dir, name), text);
}

function start(files: string[] = []): void {
  watcher = watchConfig(dir, files, () => {
    seen += 1;
    waiting?.();
  });
}

/** Resolves at the next report; a change that is never reported runs into the test's own time limit. */
function change(make: () => void): Promise<void> {
  return new Promise((resolve) => {
    waiting = resolve;
    make();
  });
}

describe('watchConfig', () => {
  it('reports a file saved in place', async () => {
    start();
    await change(() => write('rules/a.yaml', 'schema: 1\nrules: {}'));
    expect(seen).toBe(1);
  });

  it('reports a file saved by renaming, again and again', async () => {
    start();
    for (const text of ['one', 'two']) {
      await change(() => {
        write('.aftercall.yaml.swp', text);
        renameSync(join(dir, '.aftercall.yaml.swp'), join(dir, 'aftercall.yaml'));
      });
    }
    expect(seen).toBe(2);
  });

  it('reports files in folders that are made later', async () => {
    start();
    mkdirSync(join(dir, 'rules', 'acme'));
    await change(() => write('rules/acme/b.yaml', 'schema: 1'));
    await change(() => write('rules/acme/b.yaml', 'schema: 1\nrules: {}'));
    expect(seen).toBe(2);
  });

  it('reports the link swap of a mounted ConfigMap', async () => {
    for (const version of ['..one', '..two']) {
      mkdirSync(join(dir, version));
      write(`${version}/mounted.yaml`, `# ${version}`);
    }
    symlinkSync('..one', join(dir, '..data'));
    symlinkSync('../..data/mounted.yaml', join(dir, 'rules', 'mounted.yaml'));
    start();
    await change(() => {
      symlinkSync('..two', join(dir, '..data_tmp'));
      renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
    });
    expect(seen).toBe(1);
  });

  it('reports a secret file beside the folder', async () => {
    const secret = join(dir, 'outside-token');
    writeFileSync(secret, 'one');
    start();
    watcher?.watchFiles([secret]);
    await change(() => writeFileSync(secret, 'two'));
    expect(seen).toBe(1);
  });

  it('leaves equal content and other files alone', async () => {
    start();
    write('rules/a.yaml', 'schema: 1');
    write('notes.txt', 'x');
    write('rules/a.yaml~', 'x');
    await change(() => write('rules/a.yaml', 'schema: 1\n# changed'));
    expect(seen).toBe(1);
  });

  it('calls again after a call that failed', async () => {
    const errors: unknown[] = [];
    let calls = 0;
    await new Promise<void>((resolve) => {
      const onChange = () => {
        calls += 1;
        if (calls === 1) throw new Error('the disk is full');
        resolve();
      };
      watcher = watchConfig(dir, [], onChange, (error) => errors.push(error));
      write('rules/a.yaml', 'schema: 1\nrules: {}');
    });
    expect(calls).toBe(2);
    expect(errors).toEqual([new Error('the disk is full')]);
  });
});
