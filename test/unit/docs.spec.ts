import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { LiveConfig } from '../../src/config/live.js';
import { formatProblem } from '../../src/config/read-config.js';
import { EventAcceptor } from '../../src/intake/accept-event.js';
import { systemClock } from '../../src/lib/clock.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { FakeIntakeStore, fixture } from '../support/intake.js';
import { type Page, ROOT, blocksOf, readExample, readPage, readPages, run, runOn } from './doc-examples.js';
import { runDeskBlocks } from './desk-examples.js';
import { type FencedBlock, anchors, linkTargets } from './markdown.js';

/** In the info of a block: what prints it, run on the rule file above. */
const COMMAND = 'command=';
/** In the info of a block: the fixture that the hook answers so, or `no-json`. */
const ANSWER = 'answer=';

describe.each(readPages())('$name', (page) => {
  const examples = blocksOf(page, 'yaml');

  for (const example of examples) {
    const title = `line ${example.line}`;
    if (isWrong(example))
      it(`${title}: shows the problems of a wrong file as they are printed`, () =>
        showsProblems(page, example));
    else it(`${title}: shows a file that loads without a warning`, () => loads(page, example));
    if (/^tests:/m.test(example.text)) it(`${title}: shows tests that pass`, () => passes(page, example));
  }

  for (const block of page.blocks.filter(({ info }) => info.startsWith(COMMAND)))
    it(`line ${block.line}: shows what the command prints`, () => showsOutput(page, block));

  for (const block of blocksOf(page, 'json'))
    it(`line ${block.line}: shows JSON that parses`, () => {
      expect(() => JSON.parse(block.text) as unknown).not.toThrow();
    });

  it('links to what is there', () => {
    expect(linkTargets(page.text).filter((target) => !leadsSomewhere(page, target))).toEqual([]);
  });

  it('names files that exist', () => {
    const named = namesIn(page, /`((?:src|test|examples|bench|\.ci)\/[\w./-]+)`/g);
    expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  it('names scripts of package.json only', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    expect(namesIn(page, /npm run (?:--silent )?([a-z:]+)/g).filter((name) => !(name in scripts))).toEqual(
      [],
    );
  });

  it('names commands that exist', async () => {
    const known = await commandNames();
    expect(namesIn(page, /npx aftercall ([a-z]+)/g).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('names metrics that exist', async () => {
    const known = await metricNames();
    expect(namesIn(page, /\b(aftercall_[a-z_]*[a-z])/g).filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('README.md', () => {
  it('lists every command', async () => {
    const named = namesIn(readPage('README.md'), /^\| `npx aftercall ([a-z]+)/gm);
    expect(named.sort()).toEqual((await commandNames()).sort());
  });
});

describe('docs/guide/running.md', () => {
  it('lists every metric', async () => {
    const { text } = readPage('docs/guide/running.md');
    expect((await metricNames()).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('docs/guide/writing-rules.md', () => {
  it('shows the answers that the hook gives, one after the other', async () => {
    const page = readPage('docs/guide/writing-rules.md');
    const acceptor = await acceptorFor(page);
    const shown = blocksOf(page, 'json').filter(({ info }) => info.startsWith(ANSWER));
    expect(shown.length).toBeGreaterThan(4);
    for (const { info, text } of shown) {
      const given = info.slice(ANSWER.length);
      const { body } = await acceptor.accept(
        'autocalls',
        given === 'no-json' ? Buffer.from('hello') : fixture(given),
      );
      expect({ ...body, event_id: '…' }).toEqual({ ...(JSON.parse(text) as object), event_id: '…' });
    }
  });
});

describe('docs/guide/operating.md', () => {
  it('shows what the commands print on the store of the call that it tells of', async () => {
    const blocks = await runDeskBlocks(readPage('docs/guide/operating.md'));
    expect(blocks.length).toBeGreaterThan(6);
    for (const { line, shown, printed } of blocks)
      expect(`line ${line}\n${printed}`).toBe(`line ${line}\n${shown}`);
  });
});

async function loads(page: Page, example: FencedBlock): Promise<void> {
  expect(await problemsOf(page, example)).toEqual([]);
}

/** The telling problems stand in the first plain block behind the example. */
async function showsProblems(page: Page, example: FencedBlock): Promise<void> {
  const shown = page.blocks.find((block) => block.language === 'text' && block.line > example.line);
  const lines = shown?.text.trimEnd().split('\n') ?? [];
  expect(lines).not.toEqual([]);
  expect(await problemsOf(page, example)).toEqual(expect.arrayContaining(lines));
}

async function problemsOf(page: Page, example: FencedBlock): Promise<string[]> {
  const read = await readExample(page, example);
  return (read.ok ? read.config.warnings : read.problems).map(formatProblem);
}

async function passes(page: Page, example: FencedBlock): Promise<void> {
  const { exitCode, printed } = await runOn(page, example, ['test']);
  expect(exitCode === 0 ? 'passed' : printed).toBe('passed');
}

async function showsOutput(page: Page, block: FencedBlock): Promise<void> {
  const { printed } = await runOn(
    page,
    ruleFileAbove(page, block),
    block.info.slice(COMMAND.length).split(' '),
  );
  expect(printed.trimEnd()).toBe(block.text.trimEnd());
}

function ruleFileAbove(page: Page, block: FencedBlock): FencedBlock | undefined {
  return blocksOf(page, 'yaml').findLast(({ line, info }) => line < block.line && info === '');
}

/** Decides by the rules that stand above the first answer. */
async function acceptorFor(page: Page): Promise<EventAcceptor> {
  const first = page.blocks.find(({ info }) => info.startsWith(ANSWER));
  const example = first && ruleFileAbove(page, first);
  if (!example) throw new Error('no rule file stands above the answers');
  const read = await readExample(page, example);
  if (!read.ok) throw new Error('the rule file above the answers does not load');
  const live = new LiveConfig(read.config);
  return new EventAcceptor({
    store: new FakeIntakeStore(),
    live,
    queue: { wake: () => undefined },
    clock: systemClock,
  });
}

function namesIn(page: Page, pattern: RegExp): string[] {
  return [...page.text.matchAll(pattern)].map((match) => match[1] ?? '');
}

async function metricNames(): Promise<string[]> {
  const metrics = await new Metrics({ processMetrics: false }).registry.getMetricsAsJSON();
  return metrics.map(({ name }) => name);
}

async function commandNames(): Promise<string[]> {
  const [, list = ''] = (await run(['--help'])).printed.split('\nCommands:\n');
  return [...list.matchAll(/^ {2}([a-z]+) /gm)]
    .map((match) => match[1] ?? '')
    .filter((name) => name !== 'help');
}

/** Relative links name a file or folder of the project, and a heading of it behind `#`. */
function leadsSomewhere(page: Page, target: string): boolean {
  if (/^(https?|mailto):/.test(target)) return true;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, page.name) : resolve(ROOT, dirname(page.name), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || anchors(readFileSync(file, 'utf8')).has(anchor);
}

function isWrong(example: FencedBlock): boolean {
  return example.info.split(' ').includes('invalid');
}
