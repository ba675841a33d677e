import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type LoadOptions, type LoadResult, load } from './load.js';

const REGISTER = new URL('../test/support/register-ts.mjs', import.meta.url).href;

/** Runs the load in a process of its own, as a sender would. */
export function loadFromOutside(options: LoadOptions): Promise<LoadResult> {
  const child = fork(fileURLToPath(import.meta.url), [], { execArgv: ['--import', REGISTER] });
  return new Promise((resolve, reject) => {
    child.on('message', (result) => resolve(result as LoadResult));
    child.on('error', reject);
    child.on('exit', (code) => code && reject(new Error(`the load generator ended with ${code}`)));
    child.send(options);
  });
}

if (process.send) {
  process.once('message', (options) => {
    void load(options as LoadOptions).then((result) => process.send?.(result, () => process.disconnect()));
  });
}
