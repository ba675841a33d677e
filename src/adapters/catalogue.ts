import { readdir } from 'node:fs/promises';
import { ZodObject } from 'zod';
import { type Adapter } from './adapter.js';

/** Sources under test, compiled files in production: adapters have the ending that this file has. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const HERE = new URL('./', import.meta.url);

/**
 * Every kind of destination by name: each folder beside this file holds one, in `<kind>/<kind>.adapter.ts`,
 * exported as `adapter`.
 * @throws {Error} for a folder that holds none or a wrong one; the message says how to mend it.
 */
export async function loadAdapters(): Promise<ReadonlyMap<string, Adapter>> {
  const entries = await readdir(HERE, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const adapters = new Map<string, Adapter>();
  // One after the other: Jest's loader cannot link modules that are imported at the same time.
  for (const folder of folders.sort()) adapters.set(folder, await loadAdapter(folder));
  return adapters;
}

async function loadAdapter(folder: string): Promise<Adapter> {
  const file = new URL(`${folder}/${folder}.adapter.${EXTENSION}`, HERE);
  const loaded = await importFile(file, folder);
  const problem = adapterProblem(folder, loaded.adapter);
  if (problem !== null) throw new Error(`adapters/${folder}: ${problem}`);
  return loaded.adapter as Adapter;
}

async function importFile(file: URL, folder: string): Promise<{ adapter?: unknown }> {
  try {
    return (await import(file.href)) as { adapter?: unknown };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(
      `adapters/${folder}: ${folder}.adapter.${EXTENSION} cannot be loaded (${problem}); ` +
        `every folder of adapters/ holds one kind, exported as "adapter" from <kind>/<kind>.adapter.ts`,
      { cause: error },
    );
  }
}

/** What is wrong with the thing a folder exports, with the cure, or null. */
export function adapterProblem(folder: string, exported: unknown): string | null {
  if (typeof exported !== 'object' || exported === null)
    return `exports no "adapter"; write: export const adapter = defineAdapter({ kind: '${folder}', … })`;
  const { kind, description, options, operations, defaultOperation, send } = exported as Partial<Adapter>;
  if (kind !== folder)
    return `its kind is ${JSON.stringify(kind)}; it must be the folder's name, '${folder}'`;
  if (typeof send !== 'function') return 'has no send(); write: async send(request) { … }';
  if (!description) return 'has no description; write one sentence that says what it sends where';
  if (!(options instanceof ZodObject))
    return 'its options are no schema; write: options: z.strictObject({ … })';
  return operationsProblem(operations, defaultOperation);
}

function operationsProblem(
  operations: Partial<Adapter>['operations'],
  defaultOperation?: string,
): string | null {
  const entries = Object.entries(operations ?? {});
  if (entries.length === 0)
    return 'has no operations; name at least one, with its description and input schema';
  const broken = entries.find(
    ([, operation]) => !(operation.input instanceof ZodObject) || !operation.description,
  );
  if (broken) return `operation ${broken[0]} lacks a description or an input schema (z.strictObject({ … }))`;
  if (defaultOperation === undefined || entries.some(([name]) => name === defaultOperation)) return null;
  return `its defaultOperation ${JSON.stringify(defaultOperation)} is none of its operations`;
}
