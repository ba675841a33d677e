import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './doc-examples.js';

const DEPLOY = join(ROOT, 'deploy');

/** Names below `deploy/`, with forward slashes. */
export function deployFiles(ending: string): string[] {
  const names = readdirSync(DEPLOY, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(ending) && statSync(join(DEPLOY, name)).isFile()).sort();
}

export function readDeploy(name: string): string {
  return readFileSync(join(DEPLOY, name), 'utf8');
}

export function isInDeploy(name: string): boolean {
  return existsSync(join(DEPLOY, name));
}

/** Every document of a YAML file. @throws {Error} the first fault of its syntax. */
export function readYaml<T>(name: string): T[] {
  return parseYaml<T>(readDeploy(name));
}

/** Merge keys are read as Compose does. @throws {Error} the first fault of its syntax. */
export function parseYaml<T>(text: string): T[] {
  return [...parseAllDocuments(text, { merge: true })].map((document) => {
    const [fault] = document.errors;
    if (fault) throw fault;
    return document.toJS() as T;
  });
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Names of the variables that the example configuration takes from the environment. */
export function configVariables(): string[] {
  const text = readDeploy('config/aftercall.yaml').replace(/#.*$/gm, '');
  return [...new Set([...text.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name = '']) => name))].sort();
}

/** Null for an image that is pinned to a version, else what is wrong. */
export function imageProblem(image: string): string | null {
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  if (tag === undefined) return `${image} names no version`;
  return /^latest\b/.test(tag) ? `${image} moves` : null;
}
