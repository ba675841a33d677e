import { type Because } from '../domain/decision.js';
import { type JsonObject } from '../lib/json.js';
import { type ActionContent } from '../rules/rule.js';
import { type Templates } from '../templates/templates.js';
import { type Operation } from './adapter.js';
import { renderInput } from './render-input.js';

/** `only_if`, compiled: `because` names the paths that left it undecided. */
export interface OnlyIf {
  test(data: unknown): boolean | 'undecided';
  because(data: unknown): Because[];
}

export interface Preparation {
  action: ActionContent;
  onlyIf: OnlyIf | null;
  operation: Operation;
  templates: Templates;
  data: JsonObject;
  isTest: boolean;
}

/**
 * - `ready`: the input as every attempt will send it.
 * - `skipped`: `only_if` did not hold.
 * - `held`: `only_if` could not be decided, a variable is missing or the input does not fit its operation.
 */
export type Prepared = { state: 'ready'; input: JsonObject } | { state: 'skipped' | 'held'; reason: string };

/** Decides whether an action of a fired rule is due, and renders what it sends. Pure. */
export function prepareDelivery({
  action,
  onlyIf,
  operation,
  templates,
  data,
  isTest,
}: Preparation): Prepared {
  const holds = onlyIf ? onlyIf.test(data) : true;
  if (holds === 'undecided') return { state: 'held', reason: undecided(onlyIf?.because(data) ?? []) };
  if (!holds) return { state: 'skipped', reason: 'only_if' };
  const { ifMissing } = action;
  const rendered = renderInput(operation, action.with, { templates, data, ifMissing, isTest });
  return rendered.ok ? { state: 'ready', input: rendered.input } : { state: 'held', reason: rendered.reason };
}

function undecided(because: Because[]): string {
  const paths = [...new Set(because.map(({ path }) => path))];
  return `undecided: ${paths.join(', ')}`;
}
