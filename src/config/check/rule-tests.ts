import { type ConfigFile } from '../config-file.js';
import { type Findings } from '../findings.js';
import { type Path } from '../path.js';
import { type RuleTest } from '../rule-test.js';
import { describeUnknownName } from '../schema/describe-issue.js';
import { parseAs } from '../schema/parse-as.js';
import { type RuleTestContent, ruleTestSchema } from '../schema/rule-tests.js';
import { addIssues, type World } from './context.js';
import { type CheckedRuleFile } from './rule-files.js';

/** The `tests:` of all rule files. What they expect must name rules, actions and sources that exist. */
export function checkRuleTests(
  files: readonly CheckedRuleFile[],
  findings: Findings,
  world: World,
): RuleTest[] {
  const ids = new Map(files.flatMap((file) => [...file.ids]));
  const actions = new Set([...ids].flatMap(([rule, own]) => own.map((action) => `${rule}.${action}`)));
  const check = { findings, world, rules: [...ids.keys()], actions: [...actions] };
  return files.flatMap(({ file, tests }) =>
    tests.flatMap((test, i) => checkTest(test, i, file, check) ?? []),
  );
}

interface TestCheck {
  findings: Findings;
  world: World;
  rules: string[];
  actions: string[];
}

function checkTest(content: unknown, i: number, file: ConfigFile, check: TestCheck): RuleTest | null {
  const path = ['tests', i];
  const parsed = parseAs(ruleTestSchema, content);
  if (!parsed.ok) {
    addIssues(check.findings, file, path, parsed.issues);
    return null;
  }
  const test = parsed.data;
  checkNames(test, path, file, check);
  const { given, expect } = test;
  return {
    name: test.name,
    file: file.display,
    line: file.locate(path).line,
    at: test.at ?? null,
    source: given.source ?? null,
    given: { fixture: given.fixture ?? null, call: given.call ?? null, set: given.set, unset: given.unset },
    earlier: given.earlier.map((past) => ({
      ...past,
      fixture: past.fixture ?? null,
      call: past.call ?? null,
    })),
    expect: {
      fired: expect.fired ?? null,
      notFired: expect.not_fired ?? [],
      undecided: expect.undecided ?? {},
      because: expect.because ?? {},
      actions: withTimes(expect),
    },
  };
}

/** `later` is short for the time of an action that waits. */
function withTimes({ actions = {}, later = {} }: RuleTestContent['expect']): RuleTest['expect']['actions'] {
  const timed = Object.entries(later).map(
    ([name, due_at]) => [name, { state: 'pending', ...actions[name], due_at }] as const,
  );
  return { ...actions, ...Object.fromEntries(timed) };
}

function checkNames(
  { given, expect }: RuleTestContent,
  base: Path,
  file: ConfigFile,
  check: TestCheck,
): void {
  const mustBeOneOf = (what: string, known: readonly string[], path: Path, name: string) => {
    if (!known.includes(name))
      check.findings.error(file, [...base, ...path], describeUnknownName(what, name, known), 'key');
  };
  for (const key of ['fired', 'not_fired'] as const)
    expect[key]?.forEach((rule, i) => mustBeOneOf('rule', check.rules, ['expect', key, i], rule));
  for (const key of ['undecided', 'because'] as const)
    for (const rule of Object.keys(expect[key] ?? {}))
      mustBeOneOf('rule', check.rules, ['expect', key, rule], rule);
  for (const action of Object.keys(expect.actions ?? {}))
    mustBeOneOf('action', check.actions, ['expect', 'actions', action], action);
  for (const action of Object.keys(expect.later ?? {}))
    mustBeOneOf('action', check.actions, ['expect', 'later', action], action);
  if (given.source !== undefined && check.world.sources !== null)
    mustBeOneOf('source', [...check.world.sources.keys()], ['given', 'source'], given.source);
}
