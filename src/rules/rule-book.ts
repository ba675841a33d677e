import { type Because, type Decision, type Verdict } from '../domain/decision.js';
import { compileCondition, type Condition, type ExplainNode } from './condition.js';
import { type LogicContext } from './logic/node.js';
import { type RuleContent, type RuleSetContent, type SourceSelector } from './rule.js';
import {
  type EventSource,
  type Narrowing,
  narrowingsOf,
  narrowingsOfSelector,
  RuleIndex,
} from './rule-index.js';

interface CompiledRule {
  content: RuleContent;
  /** Or why it could not be compiled: then its verdict is `error`, and other rules go on. */
  condition: Condition | Error;
  narrowings: Narrowing[][];
  /** Position after the last rule of its file. */
  fileEnd: number;
}

export interface DecideOptions {
  /** Also list rules that did not match, are switched off or are for other sources. Default false. */
  all?: boolean;
}

/** The rules of one rule set, compiled once, in the order in which they are evaluated. */
export class RuleBook {
  readonly #rules: CompiledRule[];
  readonly #byId: ReadonlyMap<string, CompiledRule>;
  readonly #index: RuleIndex;

  constructor(content: RuleSetContent) {
    this.#rules = inOrder(content.rules).map((rule) => compileRule(rule, content));
    markFileEnds(this.#rules);
    this.#byId = new Map(this.#rules.map((rule) => [rule.content.id, rule]));
    this.#index = new RuleIndex(this.#rules.map(({ narrowings }) => narrowings));
  }

  /**
   * Every rule's verdict on one call, in order of evaluation: files by name, then `order`, then position.
   * Without `all`, what did not match is left out, and so are rules that are switched off or for other sources.
   * Never throws: a rule that does has the verdict `error`.
   */
  decide(data: unknown, source: EventSource, { all = false }: DecideOptions = {}): Decision[] {
    this.#index.narrow(data, source);
    const decisions: Decision[] = [];
    let file = { end: 0, hasFired: false, isStopped: false };
    let next = all ? 0 : this.#index.next(0);
    while (next < this.#rules.length) {
      const position = next;
      const rule = this.#rules[position] as CompiledRule;
      if (position >= file.end) file = { end: rule.fileEnd, hasFired: false, isStopped: false };
      const decision = decide(rule, data, source, file, this.#index.has(position));
      if (all || isListed(decision, rule, source)) decisions.push(decision);
      const counts = decision.verdict === 'fired' && !decision.shadow;
      if (counts) file.hasFired = true;
      if (counts && rule.content.stop) file.isStopped = true;
      const takesEvery = all || (file.isStopped && position + 1 < file.end);
      next = takesEvery ? position + 1 : this.#index.next(position + 1);
    }
    return decisions;
  }

  rule(id: string): RuleContent | undefined {
    return this.#byId.get(id)?.content;
  }

  /** Ids in order of evaluation. */
  ruleIds(): string[] {
    return this.#rules.map(({ content }) => content.id);
  }

  /** The rule's condition with every value; null when there is no such rule. */
  explain(ruleId: string, data: unknown): ExplainNode | null {
    const condition = this.#byId.get(ruleId)?.condition;
    if (condition === undefined) return null;
    return condition instanceof Error ? broken(condition) : condition.explain(data);
  }
}

/** The one place that says what `stop`, `catch_all`, `shadow` and `sources` do to a verdict. */
function decide(
  rule: CompiledRule,
  data: unknown,
  source: EventSource,
  file: { hasFired: boolean; isStopped: boolean },
  isCandidate: boolean,
): Decision {
  const { content } = rule;
  const decision = (verdict: Verdict, because: Because[] = []): Decision => ({
    rule: content.id,
    verdict,
    shadow: content.state === 'shadow',
    because,
  });
  if (file.isStopped || !appliesTo(content, source)) return decision('not_evaluated');
  if (!isCandidate || (content.catchAll && file.hasFired)) return decision('not_matched');
  try {
    const truth = testOf(rule.condition, data);
    if (truth === 'undecided') return decision('undecided', (rule.condition as Condition).because(data));
    return decision(truth ? 'fired' : 'not_matched');
  } catch (error) {
    return decision('error', [{ path: '', problem: error instanceof Error ? error.message : String(error) }]);
  }
}

function testOf(condition: Condition | Error, data: unknown): boolean | 'undecided' {
  if (condition instanceof Error) throw condition;
  return condition.test(data);
}

/** What is stored about an event: a rule that `stop` kept from being evaluated, but not one that is not for it. */
function isListed({ verdict }: Decision, rule: CompiledRule, source: EventSource): boolean {
  if (verdict === 'not_matched') return false;
  return verdict !== 'not_evaluated' || appliesTo(rule.content, source);
}

function appliesTo({ state, sources }: RuleContent, source: EventSource): boolean {
  return state !== 'disabled' && isSelected(sources, source);
}

/** Whether `sources` of a rule, by names or by labels, mean this source. */
export function isSelected(selector: SourceSelector, { name, labels }: EventSource): boolean {
  if (selector === 'all') return true;
  if (Array.isArray(selector)) return selector.includes(name);
  for (const label of Object.keys(selector)) {
    if (!Object.hasOwn(labels, label) || labels[label] !== selector[label]) return false;
  }
  return true;
}

function inOrder(rules: readonly RuleContent[]): RuleContent[] {
  return rules.toSorted((a, b) => {
    if (a.file !== b.file) return a.file < b.file ? -1 : 1;
    return a.order - b.order;
  });
}

function markFileEnds(rules: CompiledRule[]): void {
  for (let i = rules.length - 1; i >= 0; i -= 1) {
    const rule = rules[i] as CompiledRule;
    const after = rules[i + 1];
    rule.fileEnd = after?.content.file === rule.content.file ? after.fileEnd : i + 1;
  }
}

function compileRule(content: RuleContent, { tables, calendars, timezone }: RuleSetContent): CompiledRule {
  const context: LogicContext = { missing: content.missing, tables, calendars, timezone };
  const ofSources = narrowingsOfSelector(content.sources);
  try {
    const condition = compileCondition(content.condition, context);
    const narrowings = [...ofSources, ...narrowingsOf(condition.node, content.missing)];
    return { content, condition, narrowings, fileEnd: 0 };
  } catch (error) {
    const problem = error instanceof Error ? error : new Error(String(error));
    return { content, condition: problem, narrowings: ofSources, fileEnd: 0 };
  }
}

function broken(error: Error): ExplainNode {
  return {
    operator: null,
    path: null,
    result: 'undecided',
    value: null,
    error: error.message,
    operands: [],
    item: null,
    deciding: true,
  };
}
