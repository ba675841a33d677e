import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Adapter } from '../adapters/adapter.js';
import { loadAdapters } from '../adapters/catalogue.js';
import { loadSources } from '../sources/catalogue.js';
import { type Source } from '../sources/source.js';
import { type ConfigReading, formatProblem, readConfig } from './read-config.js';

/** One fault per file, named after it. Its head says, line by line behind `#= `, every problem that is found. */
const FAULTS = fileURLToPath(new URL('../../test/fixtures/config-bad', import.meta.url));
const BASE = readFileSync(join(FAULTS, 'base.yaml'), 'utf8');

let kinds: ReadonlyMap<string, Adapter>;
let sourceKinds: ReadonlyMap<string, Source>;
let dir: string;

beforeAll(async () => {
  kinds = await loadAdapters();
  sourceKinds = await loadSources();
});

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'aftercall-bad-'));
  mkdirSync(join(dir, 'rules'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function read(main: string, rules?: string): Promise<ConfigReading> {
  writeFileSync(join(dir, 'aftercall.yaml'), main);
  if (rules !== undefined) writeFileSync(join(dir, 'rules', 'sales.yaml'), rules);
  return readConfig({ input: dir, env: {}, kinds, sourceKinds });
}

async function linesOf(main: string, rules?: string): Promise<string[]> {
  const reading = await read(main, rules);
  return reading.ok ? [] : reading.problems.map(formatProblem);
}

function faultsIn(folder: string): { fault: string; text: string }[] {
  return readdirSync(join(FAULTS, folder)).map((name) => ({
    fault: name.replace(/\.yaml$/, ''),
    text: readFileSync(join(FAULTS, folder, name), 'utf8'),
  }));
}

function expectedOf(text: string, file: string): string[] {
  const head = text.split('\n').filter((line) => line.startsWith('#= '));
  // A kind more changes no fault.
  const names = [...kinds.keys()];
  const others = names.filter((name) => name !== 'log');
  const filled = (line: string) =>
    line.replace('{kinds}', names.join(', ')).replace('{kinds but log}', others.join(', '));
  return head.map((line) => `${file}:${filled(line.slice('#= '.length))}`);
}

describe('a fault in aftercall.yaml', () => {
  it.each(faultsIn('aftercall'))('is reported: $fault', async ({ text }) => {
    expect(await linesOf(text)).toEqual(expectedOf(text, 'aftercall.yaml'));
  });
});

describe('a fault in a rule file', () => {
  it('is not in the file they stand beside', async () => {
    expect(await linesOf(BASE)).toEqual([]);
  });

  it.each(faultsIn('rules'))('is reported: $fault', async ({ text }) => {
    expect(await linesOf(BASE, text)).toEqual(expectedOf(text, 'rules/sales.yaml'));
  });
});

describe('faults of several files', () => {
  it('are reported together, in order', async () => {
    const lines = await linesOf('schema: 1\nsorces: {}', 'rules: { a: {} }');
    expect(lines.map((line) => line.split('  ')[0])).toEqual([
      'aftercall.yaml:2:1',
      'rules/sales.yaml:1:1',
      'rules/sales.yaml:1:10',
      'rules/sales.yaml:1:10',
    ]);
  });

  it('in aftercall.yaml do not make every rule look wrong', async () => {
    const rules =
      'schema: 1\nrules: { a: { match: everything, then: [{ id: b, to: screen, with: { text: hi } }] } }';
    expect(await linesOf('schema: 1\nsources: "', rules)).toEqual([
      'aftercall.yaml:2:11  a " that is opened and never closed',
    ]);
  });

  it.each(['', '\n', '# only a comment\n'])('include an empty file: %j', async (text) => {
    expect(await linesOf(BASE, text)).toEqual([expect.stringMatching(/^rules\/sales\.yaml:1:1 {2}/)]);
  });
});

describe('any change of a good file', () => {
  const good = readFileSync(fileURLToPath(new URL('../../config/rules/sales.yaml', import.meta.url)), 'utf8');
  const pieces = [
    '',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    ':',
    ' ',
    '\n',
    '\t',
    '- ',
    '&a',
    '*a',
    '!',
    '#',
    '{{',
    '}}',
    '{%',
    '${',
    '|',
    '>',
    '0',
    '+1',
    'null',
    '<<: ',
  ];
  const change = fc.record({ at: fc.nat(good.length), cut: fc.nat(30), put: fc.constantFrom(...pieces) });

  it('is read or refused, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const text = changes.reduce(
          (old, { at, cut, put }) => old.slice(0, at) + put + old.slice(at + cut),
          good,
        );
        const reading = await read(BASE, text);
        const problems = reading.ok ? [] : reading.problems;
        expect(reading.ok || problems.length > 0).toBe(true);
        expect(problems.every(({ line, column }) => line > 0 && column > 0)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
