import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

const TOKEN = 'fault-token-fault-token-fault-token';
const SAMPLE = new URL('../fixtures/autocalls/completed-campaign.json', import.meta.url);
const template = (await readFile(SAMPLE, 'utf8')).replace('"id": 12345', '"id": <id>');

/** One rule that fires for every call, with one delivery to the sink. */
export async function writeFaultConfig(dir: string, sinkUrl: string): Promise<{ token: string }> {
  const settings = {
    schema: 1,
    storage: `sqlite:${join(dir, 'faults.db')}`,
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: {
      sink: {
        kind: 'http',
        url: `${sinkUrl}/sink`,
        retry: { waits: ['100ms', '1s', '1s', '1s'] },
        concurrency: 20,
      },
    },
    egress: { allow: ['127.0.0.1/32'] },
  };
  const rules = { forward: { match: 'everything', then: [{ id: 'send', to: 'sink' }] } };
  await mkdir(join(dir, 'config', 'rules'), { recursive: true });
  await writeFile(join(dir, 'config', 'rules', 'forward.yaml'), stringify({ schema: 1, rules }));
  await writeFile(join(dir, 'config', 'aftercall.yaml'), stringify(settings));
  return { token: TOKEN };
}

export function sampleCall(id: string): string {
  return template.replace('<id>', id);
}
