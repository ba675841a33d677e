import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAdapters } from '../../src/adapters/catalogue.js';
import { createProgram } from '../../src/cli/program.js';
import { readConfig } from '../../src/config/read-config.js';
import { loadSources } from '../../src/sources/catalogue.js';
import { type FencedBlock, fencedBlocks } from './markdown.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What every example stands on, section by section; an example that brings a section of its own replaces it. */
const MAIN_FILE: Record<string, string> = {
  schema: 'schema: 1',
  timezone: 'timezone: Europe/Vienna',
  sources: `sources:
  autocalls: { kind: autocalls, token: a-token-of-the-docs, labels: { client: acme } }`,
  destinations: `destinations:
  sales-slack: { kind: slack, webhook_url: "https://hooks.slack.com/services/T0/B0/x" }
  ops-slack: { kind: slack, bot_token: xoxb-docs, channel: "#ops" }
  mail: { kind: email, smtp_url: "smtps://calls:pass-of-the-docs@smtp.example.com", from: "Acme calls <calls@example.com>" }
  crm-hook: { kind: http, url: "https://crm.example.com/api" }
  hubspot: { kind: hubspot, access_token: pat-of-the-docs }
  old-flow: { kind: http, url: "https://flows.example.com/webhook/abc" }
  dialer: { kind: autocalls, api_key: autocalls-key-of-the-docs }
  screen: { kind: log }`,
  tables: `tables:
  team_of: { "+1987654321": sales-slack, "+1987654322": ops-slack }`,
  calendars: `calendars:
  office: { open: { mon-fri: "09:00-17:30" }, holidays: ["2026-12-25"] }`,
};

/** Values for the variables that the pages name. */
export const ENVIRONMENT: Record<string, string> = {
  AUTOCALLS_HOOK_TOKEN: 'a-token-of-the-docs',
  NEW_HOOK_TOKEN: 'another-token-of-the-docs',
  OLD_HOOK_TOKEN: 'a-token-of-the-docs',
  SLACK_BOT_TOKEN: 'xoxb-docs',
  AUTOCALLS_API_KEY: 'autocalls-key-of-the-docs',
  CRM_TOKEN: 'bearer-of-the-docs',
  PAGER_KEY: 'key-of-the-docs',
  PGPASSWORD: 'not-a-real-password',
  SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T0/B0/x',
  GOOGLE_CLIENT_EMAIL: 'calls@example.iam.gserviceaccount.com',
  GOOGLE_PRIVATE_KEY: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string,
  LEADS_SPREADSHEET_ID: '1aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789',
  HUBSPOT_TOKEN: 'pat-not-a-real-token',
  SMTP_URL: 'smtps://calls:pass-of-the-docs@smtp.example.com',
};

/** A Markdown page of the project; `name` is its path below the root. */
export interface Page {
  name: string;
  text: string;
  blocks: FencedBlock[];
}

export function readPages(): Page[] {
  const names = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const below = names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...below].map(readPage);
}

export function readPage(name: string): Page {
  const text = readFileSync(join(ROOT, name), 'utf8');
  return { name, text, blocks: fencedBlocks(text) };
}

export function blocksOf(page: Page, language: string): FencedBlock[] {
  return page.blocks.filter((block) => block.language === language);
}

export async function readExample(page: Page, example: FencedBlock) {
  const [kinds, sourceKinds] = await Promise.all([loadAdapters(), loadSources()]);
  return inFolder(page, example, (input) => readConfig({ input, env: ENVIRONMENT, kinds, sourceKinds }));
}

export interface Run {
  exitCode: number;
  printed: string;
}

/** Runs a command on a configuration folder that holds the example. */
export async function runOn(page: Page, example: FencedBlock | undefined, argv: string[]): Promise<Run> {
  if (!example) throw new Error('no rule file stands above this block');
  return inFolder(page, example, (dir) => run([...argv, '--config', dir], dir));
}

export async function run(argv: string[], cwd = ROOT): Promise<Run> {
  let printed = '';
  const write = (text: string) => void (printed += text);
  const stdin = () => Promise.resolve(new Uint8Array());
  const program = createProgram({
    ...{ stdout: write, stderr: write, stdin, cwd },
    ...{ env: ENVIRONMENT, isTty: false, ask: null, now: Date.now },
  });
  return { exitCode: await program.run(argv), printed };
}

/** A configuration folder with the example, as long as it is made use of. */
export async function inFolder<T>(
  page: Page,
  example: FencedBlock,
  use: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'aftercall-docs-'));
  try {
    await writeFolder(dir, page, example);
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function writeFolder(dir: string, page: Page, example: FencedBlock): Promise<void> {
  const isMainFile = example.info.includes('config=aftercall');
  await mkdir(join(dir, 'rules'));
  await mkdir(join(dir, 'templates'));
  await writeFile(join(dir, 'aftercall.yaml'), mainFile(isMainFile ? example.text : ''));
  if (!isMainFile) await writeFile(join(dir, 'rules/example.yaml'), example.text);
  for (const template of blocksOf(page, 'liquid'))
    await writeFile(join(dir, 'templates', template.info.replace('template=', '')), template.text);
}

/** The example first, so that its lines keep their numbers. */
function mainFile(example: string): string {
  const missing = Object.entries(MAIN_FILE).filter(([key]) => !new RegExp(`^${key}:`, 'm').test(example));
  return [example.trimEnd(), ...missing.map(([, text]) => text)].filter(Boolean).join('\n') + '\n';
}
