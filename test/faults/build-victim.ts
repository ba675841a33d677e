import { transform } from '@swc/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCES = new URL('./victim/', import.meta.url);
const DIST = new URL('../../dist/', import.meta.url).href;

let built: Promise<string> | null = null;

/**
 * Compiles the victim once per process, against the built program: a loader that reads TypeScript would
 * double the time of each of the many hundred starts. Gives the path of its entry.
 */
export function buildVictim(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-victim-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'package.json'), '{"type":"module"}');
  const files = (await readdir(SOURCES)).filter((file) => file.endsWith('.ts'));
  await Promise.all(files.map((file) => compile(file, dir)));
  return join(dir, 'victim.js');
}

async function compile(file: string, dir: string): Promise<void> {
  const source = await readFile(new URL(file, SOURCES), 'utf8');
  const { code } = await transform(source, {
    filename: file,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'es6' },
  });
  await writeFile(join(dir, file.replace(/\.ts$/, '.js')), code.replaceAll('../../../src/', DIST));
}
