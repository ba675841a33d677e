import { STOP } from '../domain/contact-list.js';
import { type Because, type Decision, type Verdict } from '../domain/decision.js';
import { looksAt, OWN_CALL_VARIABLE } from '../domain/loop-guard.js';
import { compileCondition, type Condition, type ExplainNode } from './condition.js';
import { type LogicContext } from './logic/node.js';
import { type RuleContent, type RuleSetContent, type SourceSelector } from './rule.js';
import { type Narrowing, narrowingsOf, narrowingsOfSelector } from './narrowing.js';
import { type EventSource, RuleIndex } from './rule-index.js';

interface CompiledRule {
  content: RuleContent;
  /** Or why it could not be compiled: then its verdict is `error`, and other rules go on. */
  condition: Condition | Error;
  narrowings: Narrowing[][];
  /** It stops its contact, and nothing keeps it from being evaluated. */
  holdsStop: boolean;
  /** Position after the last rule of its file. */
  fileEnd: number;
}

export interface DecideOptions {
  /** Also list rules that did not match, are switched off or are for other sources. Default false. */
  all?: boolean;
  /** Rules whose deliveries led to the call: they do not look at it, unless they say `on_own_calls: count`. */
  causedBy?: readonly string[];
}

const BY_NOBODY: readonly string[] = [];

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
  decide(data: unknown, source: EventSource, options: DecideOptions = {}): Decision[] {
    const { all = false, causedBy = BY_NOBODY } = options;
    this.#index.narrow(data, source);
    const decisions: Decision[] = [];
    let file: FileProgress = { end: 0, hasFired: false, isStopped: false, causedBy };
    let next = all ? 0 : this.#index.next(0);
    while (next < this.#rules.length) {
      const position = next;
      const rule = this.#rules[position] as CompiledRule;
      if (position >= file.end) file = { end: rule.fileEnd, hasFired: false, isStopped: false, causedBy };
      const outcome = this.#index.has(position)
        ? verdictOf(rule, data, source, file)
        : verdictUnlessCandidate(rule, source, file);
      if (all || isListed(outcome, rule, source)) decisions.push(decisionOf(rule, outcome, data, causedBy));
      if (outcome === 'fired') noteFired(rule.content, file);
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

/** What the rules of one file came to so far. */
interface FileProgress {
  /** Position after its last rule. */
  end: number;
  /** A live rule fired. */
  hasFired: boolean;
  /** A live rule with `stop` fired. */
  isStopped: boolean;
  causedBy: readonly string[];
}

function noteFired({ state, stop }: RuleContent, file: FileProgress): void {
  if (state !== 'live') return;
  file.hasFired = true;
  if (stop) file.isStopped = true;
}

/** Names the rule's own call as the reason why it was passed over. */
const OWN_CALL: Because = { path: OWN_CALL_VARIABLE, problem: 'own_call' };

type Outcome = Exclude<Verdict, 'error'> | Error;

/** The index has shown the condition to be false. */
function verdictUnlessCandidate(rule: CompiledRule, source: EventSource, file: FileProgress): Outcome {
  return isPassedOver(rule, source, file) ? 'not_evaluated' : 'not_matched';
}

function verdictOf(rule: CompiledRule, data: unknown, source: EventSource, file: FileProgress): Outcome {
  const { content, condition } = rule;
  if (isPassedOver(rule, source, file)) return 'not_evaluated';
  if (content.catchAll && file.hasFired) return 'not_matched';
  if (condition instanceof Error) return condition;
  try {
    const truth = condition.test(data);
    if (truth === 'undecided') return 'undecided';
    return truth ? 'fired' : 'not_matched';
  } catch (error) {
    return asError(error);
  }
}

function isPassedOver(rule: CompiledRule, source: EventSource, file: FileProgress): boolean {
  if (!appliesTo(rule.content, source)) return true;
  return !rule.holdsStop && (file.isStopped || isOwnCall(rule, file.causedBy));
}

function isOwnCall({ content, holdsStop }: CompiledRule, causedBy: readonly string[]): boolean {
  return !holdsStop && !looksAt(content.id, causedBy, content.onOwnCalls);
}

function decisionOf(
  rule: CompiledRule,
  outcome: Outcome,
  data: unknown,
  causedBy: readonly string[],
): Decision {
  const { content, condition } = rule;
  const isError = outcome instanceof Error;
  const decision: Decision = {
    rule: content.id,
    verdict: isError ? 'error' : outcome,
    shadow: content.state === 'shadow',
    because: isError ? [{ path: '', problem: outcome.message }] : [],
  };
  if (outcome === 'undecided' && !(condition instanceof Error)) decision.because = condition.because(data);
  if (outcome === 'not_evaluated' && isOwnCall(rule, causedBy)) decision.because = [OWN_CALL];
  return decision;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** What is stored about an event: a rule that `stop` kept from being evaluated, but not one that is not for it. */
function isListed(outcome: Outcome, { content }: CompiledRule, source: EventSource): boolean {
  if (outcome === 'not_matched') return false;
  return outcome !== 'not_evaluated' || appliesTo(content, source);
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
  const holdsStop = content.actions.some((action) => action.do === STOP);
  try {
    const condition = compileCondition(content.condition, context);
    const narrowings = [...ofSources, ...narrowingsOf(condition.node, content.missing)];
    return { content, condition, narrowings, holdsStop, fileEnd: 0 };
  } catch (error) {
    return { content, condition: asError(error), narrowings: ofSources, holdsStop, fileEnd: 0 };
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
