import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loadAdapters } from '../../src/adapters/catalogue.js';
import { LiveConfig } from '../../src/config/live.js';
import { readConfig } from '../../src/config/read-config.js';
import { loadSources } from '../../src/sources/catalogue.js';
import { ENVIRONMENT, ROOT, run } from './doc-examples.js';

const FOLDER = join(ROOT, 'config/recipes');
const recipes = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const guide = readFileSync(join(ROOT, 'docs/guide/recipes.md'), 'utf8');

const SOURCE = 'sources:\n  autocalls: { kind: autocalls, token: a-token-of-the-docs }\n';
const dirs: string[] = [];

afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true });
});

/** What the head of a recipe says that `aftercall.yaml` needs. */
function neededBy(text: string): string {
  const [, needed = ''] = /^# Needs in aftercall\.yaml:\n((?:# {3}.*\n)+)/m.exec(text) ?? [];
  return needed.replace(/^# {3}/gm, '');
}

/** A configuration with the recipe, as its head says. */
async function laid(name: string): Promise<string> {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const dir = await mkdtemp(join(tmpdir(), 'aftercall-recipe-'));
  dirs.push(dir);
  await mkdir(join(dir, 'rules'));
  await writeFile(join(dir, 'aftercall.yaml'), `schema: 1\n${SOURCE}${neededBy(text)}`);
  await writeFile(join(dir, 'rules', name), text);
  return dir;
}

describe.each(recipes)('config/recipes/%s', (name) => {
  it('says what it needs, and is checked without a finding', async () => {
    expect(neededBy(readFileSync(join(FOLDER, name), 'utf8'))).toContain('destinations:');
    const { printed, exitCode } = await run(['check', '--strict', '--config', await laid(name)]);
    expect([exitCode, printed]).toEqual([0, expect.stringContaining('0 errors, 0 warnings')]);
  });

  it('has tests, and they pass', async () => {
    const { printed, exitCode } = await run(['test', '--config', await laid(name)]);
    expect([exitCode, printed]).toEqual([0, expect.stringMatching(/[1-9]\d* passed, 0 failed/)]);
  });

  it('stands in the guide', () => {
    expect(guide).toContain(`../../config/recipes/${name}`);
  });
});

it('who asks again in the call back is called back again', async () => {
  const [kinds, sourceKinds] = await Promise.all([loadAdapters(), loadSources()]);
  const input = await laid('call-back-at-the-time-asked-for.yaml');
  const read = await readConfig({ input, env: ENVIRONMENT, kinds, sourceKinds });
  if (!read.ok) throw new Error('the recipe does not load');
  const call = {
    contact: { phone: '+436641234567' },
    extracted_variables: { callback_at: 'tomorrow at 5 pm' },
  };
  const source = { name: 'autocalls', labels: {} };
  const decisions = new LiveConfig(read.config)
    .current()
    .book.decide(call, source, { causedBy: ['call-back'] });
  expect(decisions).toMatchObject([{ rule: 'call-back', verdict: 'fired' }]);
});

it('the variables of the recipes are known to the examples', () => {
  const named = recipes.flatMap(
    (name) => neededBy(readFileSync(join(FOLDER, name), 'utf8')).match(/\$\{(\w+)\}/g) ?? [],
  );
  expect(named.map((each) => each.slice(2, -1)).filter((each) => !(each in ENVIRONMENT))).toEqual([]);
});
