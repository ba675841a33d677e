import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Decision } from '../domain/decision.js';
import { type Json } from '../lib/json.js';
import { compileCondition } from './condition.js';
import { type ActionContent, type RuleContent, type RuleSetContent, type SourceSelector } from './rule.js';
import { isSelected, RuleBook } from './rule-book.js';
import { type EventSource } from './rule-index.js';

const source = { name: 'autocalls', labels: { client: 'acme' } };
const yes = { when: true };
const no = { when: false };
const undecided = { when: { '<': [{ var: 'duration' }, 60] } };
const bomb = {
  when: { reduce: [[...Array(40).keys()], { cat: [{ var: 'accumulator' }, { var: 'accumulator' }] }, 'x'] },
};

function rule(id: string, fields: Partial<RuleContent> = {}): RuleContent {
  return {
    id,
    file: 'rules/a.yaml',
    title: null,
    state: 'live',
    sources: 'all',
    condition: yes,
    missing: 'undecided',
    stop: false,
    catchAll: false,
    order: 0,
    maxAgeMs: null,
    actions: [],
    ...fields,
  };
}

function setOf(rules: RuleContent[]): RuleSetContent {
  return { timezone: 'UTC', tables: {}, calendars: {}, templates: {}, rules };
}

function verdicts(
  rules: RuleContent[],
  all = false,
  data: unknown = {},
  from: EventSource = source,
): string[] {
  return new RuleBook(setOf(rules)).decide(data, from, { all }).map((one) => `${one.rule} ${one.verdict}`);
}

describe('order', () => {
  it('is files by name, then order, then position', () => {
    const rules = [
      rule('b1', { file: 'rules/b.yaml' }),
      rule('a2', { order: 1 }),
      rule('a3', { order: 1 }),
      rule('a1', { order: -1 }),
    ];
    expect(new RuleBook(setOf(rules)).ruleIds()).toEqual(['a1', 'a2', 'a3', 'b1']);
  });
});

describe('decide', () => {
  it('leaves out what did not match, unless all are wanted', () => {
    const rules = [
      rule('a'),
      rule('b', { condition: no }),
      rule('c', { state: 'disabled' }),
      rule('d', { sources: ['x'] }),
    ];
    expect(verdicts(rules)).toEqual(['a fired']);
    expect(verdicts(rules, true)).toEqual(['a fired', 'b not_matched', 'c not_evaluated', 'd not_evaluated']);
  });

  it('says why a rule is undecided', () => {
    expect(new RuleBook(setOf([rule('a', { condition: undecided })])).decide({}, source)).toEqual([
      { rule: 'a', verdict: 'undecided', shadow: false, because: [{ path: 'duration', problem: 'missing' }] },
    ]);
  });

  it('goes on after a rule that overruns or cannot be compiled', () => {
    const rules = [rule('a', { condition: bomb }), rule('b', { condition: { when: { log: 1 } } }), rule('c')];
    const decisions = new RuleBook(setOf(rules)).decide({}, source);
    expect(decisions.map(({ verdict }) => verdict)).toEqual(['error', 'error', 'fired']);
    expect(decisions[0]?.because[0]?.problem).toContain('makes more than');
    expect(decisions[1]?.because[0]?.problem).toContain('log: is refused');
  });

  it('marks what shadow rules decide', () => {
    const [decision] = new RuleBook(setOf([rule('a', { state: 'shadow' })])).decide({}, source);
    expect(decision).toMatchObject({ verdict: 'fired', shadow: true });
  });
});

describe('stop', () => {
  it('keeps later rules of its file from being evaluated, and no others', () => {
    const rules = [
      rule('a', { stop: true }),
      rule('b', { condition: no }),
      rule('c', { state: 'shadow' }),
      rule('d', { sources: { client: 'other' } }),
      rule('e', { file: 'rules/b.yaml' }),
    ];
    expect(verdicts(rules)).toEqual(['a fired', 'b not_evaluated', 'c not_evaluated', 'e fired']);
    expect(verdicts(rules, true)).toEqual([
      'a fired',
      'b not_evaluated',
      'c not_evaluated',
      'd not_evaluated',
      'e fired',
    ]);
  });

  it.each([
    ['in shadow', { state: 'shadow' as const }],
    ['switched off', { state: 'disabled' as const }],
    ['for another source', { sources: ['other'] }],
    ['not matched', { condition: no }],
    ['undecided', { condition: undecided }],
    ['in error', { condition: bomb }],
  ])('of a rule %s stops nothing', (_, fields) => {
    expect(verdicts([rule('a', { stop: true, ...fields }), rule('b')])).toContain('b fired');
  });

  it('reaches rules that the index would not have offered', () => {
    const miss = { when: { '==': [{ var: 'status' }, 'busy'] } };
    const rules = [rule('a', { stop: true }), rule('b', { condition: miss }), rule('c', { condition: miss })];
    expect(verdicts(rules, false, { status: 'completed' })).toEqual([
      'a fired',
      'b not_evaluated',
      'c not_evaluated',
    ]);
  });
});

describe('catch_all', () => {
  const rest = rule('rest', { catchAll: true });

  it('fires when no live rule before it in its file fired', () => {
    expect(verdicts([rule('a', { condition: no }), rest])).toEqual(['rest fired']);
    expect(verdicts([rule('a'), rest])).toEqual(['a fired']);
    expect(verdicts([rest, rule('a')])).toEqual(['rest fired', 'a fired']);
    expect(verdicts([rule('0', { file: 'rules/0.yaml' }), rest])).toEqual(['0 fired', 'rest fired']);
  });

  it.each([
    ['shadow', { state: 'shadow' as const }],
    ['undecided', { condition: undecided }],
    ['failing', { condition: bomb }],
  ])('is not kept back by a %s rule', (_, fields) => {
    expect(verdicts([rule('a', fields), rest])).toContain('rest fired');
  });

  it('counts catch-all rules before it', () => {
    expect(verdicts([rest, rule('more', { catchAll: true })], true)).toEqual([
      'rest fired',
      'more not_matched',
    ]);
  });
});

describe('sources', () => {
  it.each<[SourceSelector, boolean]>([
    ['all', true],
    [['autocalls', 'x'], true],
    [['x'], false],
    [{ client: 'acme' }, true],
    [{ client: 'Acme' }, false],
    [{ client: 'acme', direction: 'outbound' }, false],
    [{ constructor: 'x' }, false],
  ])('%j', (sources, selected) => {
    expect(verdicts([rule('a', { sources })])).toEqual(selected ? ['a fired'] : []);
  });
});

describe('rule and explain', () => {
  const book = new RuleBook(
    setOf([rule('a', { condition: undecided }), rule('b', { condition: { when: { log: 1 } } })]),
  );

  it('find rules by id', () => {
    expect(book.rule('a')).toMatchObject({ id: 'a' });
    expect(book.rule('z')).toBeUndefined();
    expect(book.explain('z', {})).toBeNull();
  });

  it('explain a decision, and a rule that cannot be compiled', () => {
    expect(book.explain('a', {})).toMatchObject({ operator: '<', result: 'undecided', deciding: true });
    expect(book.explain('b', {})).toMatchObject({ error: expect.stringContaining('when.log: is refused') });
  });
});

/** What `decide` promises, rule by rule and without an index. */
function decidePlainly(rules: RuleContent[], data: unknown, from: EventSource): string[] {
  const ordered = rules.toSorted((a, b) =>
    a.file === b.file ? a.order - b.order : a.file < b.file ? -1 : 1,
  );
  return [...new Set(ordered.map(({ file }) => file))].flatMap((name) => {
    let fired = false;
    let stopped = false;
    return ordered
      .filter(({ file }) => file === name)
      .map((one) => {
        if (stopped || one.state === 'disabled' || !isSelected(one.sources, from))
          return `${one.id} not_evaluated`;
        const verdict = one.catchAll && fired ? 'not_matched' : verdictOf(one, data);
        if (verdict === 'fired' && one.state === 'live') {
          fired = true;
          stopped = one.stop;
        }
        return `${one.id} ${verdict}`;
      });
  });
}

function verdictOf({ condition, missing }: RuleContent, data: unknown): Decision['verdict'] {
  try {
    const truth = compileCondition(condition, { missing }).test(data);
    return truth === 'undecided' ? truth : truth ? 'fired' : 'not_matched';
  } catch {
    return 'error';
  }
}

describe('the index', () => {
  const primitive = fc.constantFrom<Json>(
    ...[
      0,
      1,
      5,
      '0',
      '1',
      ' 1 ',
      '01',
      '1.0',
      '',
      ' ',
      'true',
      'Yes',
      'no',
      'false',
      'a',
      'A ',
      'b',
      '5',
      '0x1',
    ],
    ...[true, false],
  );
  const datum = fc.oneof(
    { weight: 5, arbitrary: primitive },
    { weight: 1, arbitrary: fc.constantFrom<Json>(null, [], ['a'], [1], [[]], {}, { toString: 1 }, [[5]]) },
  );
  const data = fc.record(
    { x: datum, y: datum, z: fc.record({ w: datum }, { requiredKeys: [] }) },
    { requiredKeys: [] },
  );
  const variable = fc.constantFrom<Json>({ var: 'x' }, { var: 'y' }, { var: 'z.w' }, { var: ['x', 1] });
  const operand = fc.oneof(
    { weight: 4, arbitrary: primitive },
    { weight: 1, arbitrary: fc.constantFrom<Json>(null, [1], []) },
  );
  const equality = fc.oneof(
    fc
      .tuple(fc.constantFrom('==', '===', 'same'), variable, operand)
      .map(([name, a, b]): Json => ({ [name]: [a, b] })),
    fc
      .tuple(fc.constantFrom('==', '==='), operand, variable)
      .map(([name, a, b]): Json => ({ [name]: [a, b] })),
    fc
      .tuple(fc.constantFrom('in', 'same'), variable, fc.array(operand, { maxLength: 3 }))
      .map(([name, a, b]): Json => ({ [name]: [a, b] })),
  );
  const other = fc.constantFrom<Json>(
    { '<': [{ var: 'x' }, 3] },
    { '===': [{ '+': [{ var: 'x' }, 1] }, 2] },
    { '!': [{ var: 'y' }] },
    { in: ['a', { var: 'x' }] },
    { '>': [{ var: 'z.w' }, 0] },
    bomb.when as Json,
    { some: [[1, 2], { '==': [{ var: '' }, 2] }] },
    true,
    false,
  );
  const part = fc.oneof(
    { weight: 4, arbitrary: equality },
    { weight: 1, arbitrary: fc.array(equality, { maxLength: 3 }).map((parts): Json => ({ or: parts })) },
    {
      weight: 1,
      arbitrary: fc.array(fc.oneof(equality, other), { maxLength: 2 }).map((parts): Json => ({ and: parts })),
    },
    { weight: 2, arbitrary: other },
  );
  const when = fc.oneof(
    part,
    fc.array(part, { minLength: 1, maxLength: 4 }).map((parts): Json => ({ and: parts })),
  );
  const content = fc.record({
    when,
    missing: fc.constantFrom('undecided' as const, 'as-null' as const),
    state: fc.constantFrom('live' as const, 'live' as const, 'shadow' as const, 'disabled' as const),
    sources: fc.constantFrom<SourceSelector>(
      'all',
      'all',
      ['s'],
      ['s', 't'],
      { client: 'a' },
      { client: 'A' },
    ),
    file: fc.constantFrom('rules/a.yaml', 'rules/b.yaml'),
    order: fc.integer({ min: 0, max: 2 }),
    stop: fc.boolean(),
    catchAll: fc.constantFrom(false, false, true),
  });
  const from = fc.constantFrom<EventSource>(
    { name: 's', labels: {} },
    { name: 't', labels: { client: 'a' } },
    { name: 'u', labels: { client: 'A' } },
  );

  it('does not hide a rule that overruns before it comes to its equality', () => {
    const inner: Json = { and: [bomb.when, { '==': [{ var: 'x' }, 1] }] };
    for (const logic of [{ and: [inner] }, { and: [true, inner] }] as Json[]) {
      expect(verdicts([rule('a', { condition: { when: logic } })], false, { x: 2 })).toEqual(['a error']);
    }
  });

  it('never changes a decision', () => {
    fc.assert(
      fc.property(
        fc.array(content, { maxLength: 40 }),
        fc.array(data, { minLength: 5, maxLength: 5 }),
        from,
        (contents, many, origin) => {
          const rules = contents.map(({ when: logic, ...fields }, i) =>
            rule(`r${i}`, { ...fields, condition: { when: logic } }),
          );
          const book = new RuleBook(setOf(rules));
          for (const one of many) {
            const plain = decidePlainly(rules, one, origin);
            expect(book.decide(one, origin, { all: true }).map((d) => `${d.rule} ${d.verdict}`)).toEqual(
              plain,
            );
            const applies = new Set(
              rules.filter((r) => r.state !== 'disabled' && isSelected(r.sources, origin)).map((r) => r.id),
            );
            const listed = plain.filter((line) => {
              const [id, verdict] = line.split(' ') as [string, string];
              return verdict !== 'not_matched' && applies.has(id);
            });
            expect(book.decide(one, origin).map((d) => `${d.rule} ${d.verdict}`)).toEqual(listed);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('a rule that stops its contact', () => {
  const stops = (fields: Partial<RuleContent> = {}) =>
    rule('opt-out', { actions: [action('contact.stop')], ...fields });

  it('is evaluated whatever fired before it with stop', () => {
    const rules = [rule('first', { stop: true }), rule('second'), stops()];
    expect(verdicts(rules)).toEqual(['first fired', 'second not_evaluated', 'opt-out fired']);
  });

  it('is evaluated on calls that it caused', () => {
    const decided = new RuleBook(setOf([stops()])).decide({}, source, { causedBy: ['opt-out'] });
    expect(decided.map(({ verdict }) => verdict)).toEqual(['fired']);
  });

  it('keeps to its sources', () => {
    expect(verdicts([rule('first', { stop: true }), stops({ sources: ['other'] })])).toEqual(['first fired']);
  });
});

describe('calls that rules caused', () => {
  const decide = (rules: RuleContent[], ...causedBy: string[]) =>
    new RuleBook(setOf(rules)).decide({}, source, { causedBy });

  it('fire those rules no more, and say why', () => {
    const decided = decide([rule('again'), rule('tell')], 'again');
    expect(decided).toEqual([
      {
        rule: 'again',
        verdict: 'not_evaluated',
        shadow: false,
        because: [{ path: 'aftercall_delivery', problem: 'own_call' }],
      },
      { rule: 'tell', verdict: 'fired', shadow: false, because: [] },
    ]);
  });

  it('fire a rule that counts its own', () => {
    const [decision] = decide([rule('again', { onOwnCalls: 'count' })], 'again');
    expect(decision?.verdict).toBe('fired');
  });

  it('hide no rule behind one that was passed over', () => {
    const decided = decide([rule('again', { stop: true }), rule('else', { catchAll: true })], 'again');
    expect(decided.map(({ verdict }) => verdict)).toEqual(['not_evaluated', 'fired']);
  });
});

function action(operation: string): ActionContent {
  return {
    ...{ id: 'a', to: '', do: operation, with: {}, onlyIf: null, ifMissing: null },
    onRevision: 'refresh',
  };
}
