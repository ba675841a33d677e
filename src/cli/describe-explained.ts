import { type LiveRuleSet } from '../config/live.js';
import { type Decision } from '../domain/decision.js';
import { type ExplainNode } from '../rules/condition.js';
import { isSelected } from '../rules/rule-book.js';
import { describeCondition } from './describe-condition.js';
import { becauseWords } from './describe-decisions.js';
import { type Colours } from './io.js';
import { printable } from './print.js';

/** One rule's verdict with its condition, as `explain -o json` prints it. */
export type ExplainedRule = Decision & { condition: ExplainNode | null };

/** Where the rules at hand are those that were explained: they tell more than the verdicts do. */
export interface ExplainedBy {
  live: LiveRuleSet;
  source: { name: string; labels: Record<string, string> };
}

export function describeExplained(
  rules: readonly ExplainedRule[],
  by: ExplainedBy | null,
  colours: Colours,
): string {
  return rules.map((rule) => describe(rule, verdictWords(rule, by), colours)).join('\n');
}

function describe({ rule, condition }: ExplainedRule, verdict: string, colours: Colours): string {
  const tree = condition === null ? '' : describeCondition(condition, colours);
  return `${colours.bold(rule)}  ${printable(verdict)}\n${tree}`;
}

function verdictWords(decision: ExplainedRule, by: ExplainedBy | null): string {
  const { verdict, shadow, because, condition } = decision;
  const words = `${verdict.replaceAll('_', ' ')}${shadow ? ' (shadow)' : ''}`;
  if (because.length > 0) return `${words}: ${becauseWords(because)}`;
  // Nothing but catch_all keeps a rule from firing whose condition holds.
  if (verdict === 'not_matched' && condition?.result === 'true')
    return `${words}: it catches the rest, and a rule before it in the file fired`;
  return verdict === 'not_evaluated' ? `${words}: ${whyNotEvaluated(decision.rule, by)}` : words;
}

function whyNotEvaluated(id: string, by: ExplainedBy | null): string {
  const rule = by?.live.rules.get(id);
  if (!by || !rule) return 'it was disabled or for other sources, or a rule before it stopped the file';
  if (rule.state === 'disabled') return 'it is disabled';
  return isSelected(rule.sources, by.source)
    ? 'a rule before it stopped the file'
    : 'it is for other sources';
}
