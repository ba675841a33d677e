import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const CONFIG = fileURLToPath(new URL('../../config', import.meta.url));
/** Laid beside the rules of the example, with the destinations that its head asks for. */
export const RECIPE = 'every-call-in-hubspot';
export const HOOK_TOKEN = 'demo-token-for-loopback-only';

interface LogDestination {
  kind: string;
  as?: string;
}

export interface DemoStandIns {
  httpUrl: string;
  smtpUrl: string;
  /** Destinations of the recipe, by name. */
  ofRecipe: Record<string, object>;
}

/**
 * Copies `config/` into a temporary folder and lays the demo's own destinations over its `log` ones: each
 * becomes the kind it stands in for, pointed at a stand-in on loopback.
 */
export async function layDemoConfig(standIns: DemoStandIns) {
  const dir = await mkdtemp(join(tmpdir(), 'aftercall-demo-'));
  await cp(CONFIG, join(dir, 'config'), { recursive: true });
  await cp(join(CONFIG, 'recipes', `${RECIPE}.yaml`), join(dir, 'config', 'rules', `${RECIPE}.yaml`));
  const file = join(dir, 'config', 'aftercall.yaml');
  const settings = parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  const destinations = settings.destinations as Record<string, LogDestination>;
  const laid = Object.entries(destinations).map(
    ([name, log]) => [name, standIn(name, log, standIns)] as const,
  );
  const changed = {
    ...settings,
    storage: `sqlite:${dir}/aftercall.db`,
    sources: { autocalls: { kind: 'autocalls', token: HOOK_TOKEN } },
    destinations: { ...Object.fromEntries(laid), ...standIns.ofRecipe },
    egress: { allow: ['127.0.0.1/32'] },
  };
  await writeFile(file, stringify(changed));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

function standIn(name: string, log: LogDestination, { httpUrl, smtpUrl }: DemoStandIns) {
  if (log.as === 'slack') return { kind: 'slack', webhook_url: `${httpUrl}/slack/${name}` };
  if (log.as === 'email') return { kind: 'email', smtp_url: smtpUrl, from: 'Acme calls <calls@example.com>' };
  if (log.as === 'http') return { kind: 'http', url: `${httpUrl}/${name}` };
  return log;
}
