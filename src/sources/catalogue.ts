import { existsSync, readdirSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Source } from './source.js';

/**
 * Every source kind, by name: each folder here with a file `<kind>/<kind>.source.ts` that exports `source`.
 * Throws when such a file exports something else; that is a mistake of whoever wrote it.
 */
export async function loadSources(): Promise<ReadonlyMap<string, Source>> {
  const here = new URL('.', import.meta.url);
  const extension = extname(fileURLToPath(import.meta.url));
  const sources = new Map<string, Source>();
  for (const entry of readdirSync(here, { withFileTypes: true })) {
    const file = `${entry.name}/${entry.name}.source${extension}`;
    if (!entry.isDirectory() || !existsSync(new URL(file, here))) continue;
    sources.set(entry.name, sourceIn(await import(`./${file}`), entry.name, file));
  }
  return sources;
}

function sourceIn(module: unknown, kind: string, file: string): Source {
  const { source } = module as { source?: Source };
  if (source?.kind === kind) return source;
  throw new Error(`sources/${file} must export \`source\` with kind "${kind}", the name of its folder`);
}
