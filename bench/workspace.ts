import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

export const TOKEN = 'bench-token-bench-token-bench-token';

/** A temporary folder with a configuration; removed by `remove`. */
export interface Workspace {
  dir: string;
  write(config: object, rules: object): Promise<void>;
  remove(): Promise<void>;
}

export async function createWorkspace(): Promise<Workspace> {
  const dir = await mkdtemp(join(tmpdir(), 'aftercall-bench-'));
  await mkdir(join(dir, 'config', 'rules'), { recursive: true });
  return {
    dir,
    write: async (config, rules) => {
      await writeFile(join(dir, 'config', 'rules', 'bench.yaml'), stringify({ schema: 1, rules }));
      await writeFile(join(dir, 'config', 'aftercall.yaml'), stringify({ schema: 1, ...config }));
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** The vendor's sample with room for a fresh twelve-digit id, about 2 kB as sent. */
export async function sampleBody(): Promise<string> {
  const file = new URL('../test/fixtures/autocalls/completed-campaign.json', import.meta.url);
  const text = JSON.stringify(JSON.parse(await readFile(file, 'utf8')));
  return text.replace('"id":12345', `"id":${'#'.repeat(12)}`);
}

/** Rules like those of a sales desk; `fires` says how many of them match the sample. */
export function benchRules(count: number, fires: number): Record<string, object> {
  const rules = Array.from({ length: count }, (_, index): [string, object] => {
    const matches = index < fires;
    const match = matches
      ? { status: 'completed', 'extracted_variables.lead_quality': ['high', 'hot'], duration: { '>=': 20 } }
      : { 'extracted_variables.next_action': `action-${index}`, duration: { '>=': index % 300 } };
    return [`rule-${index}`, { match, then: [{ id: 'forward', to: 'sink' }] }];
  });
  return Object.fromEntries(rules);
}
