import { type Because } from '../domain/decision.js';
import { type ReleaseChanges, type StoredReason } from '../domain/delivery.js';
import { type JsonObject } from '../lib/json.js';
import { type ActionContent } from '../rules/rule.js';
import { type Templates } from '../templates/templates.js';
import { type Operation } from './adapter.js';
import { renderInput, type RenderOptions } from './render-input.js';

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
  /** Only to be looked at: see {@link RenderOptions.isPreview}. */
  isPreview?: boolean;
  /** What a person changed when releasing it; null or left out: it was never released. */
  release?: ReleaseChanges | null;
}

/**
 * - `ready`: the input as every attempt will send it.
 * - `skipped`: `only_if` did not hold.
 * - `held`: `only_if` could not be decided, a variable is missing or the input does not fit its operation.
 */
export type Prepared =
  { state: 'ready'; input: JsonObject } | { state: 'skipped' | 'held'; reason: StoredReason };

/**
 * Decides whether an action of a fired rule is due, and renders what it sends. Pure. Who released a delivery
 * has decided in place of `only_if`; their `if_missing` and input go before those of the action.
 */
export function prepareDelivery({
  action,
  onlyIf,
  operation,
  templates,
  data,
  isTest,
  isPreview,
  release = null,
}: Preparation): Prepared {
  const refused = release === null ? refusedByOnlyIf(onlyIf, data) : null;
  if (refused !== null) return refused;
  const ifMissing = release?.ifMissing ?? action.ifMissing;
  const options: RenderOptions = { templates, data, ifMissing, isTest, isPreview, replaced: release?.with };
  const rendered = renderInput(operation, action.with, options);
  return rendered.ok ? { state: 'ready', input: rendered.input } : { state: 'held', reason: rendered.reason };
}

/** What a delivery comes to that `only_if` keeps back. */
export type OnlyIfVerdict = Exclude<Prepared, { state: 'ready' }>;

/** Null: it holds, or there is none. */
export function refusedByOnlyIf(onlyIf: OnlyIf | null, data: JsonObject): OnlyIfVerdict | null {
  const holds = onlyIf === null || onlyIf.test(data);
  if (holds === 'undecided') return { state: 'held', reason: undecided(onlyIf?.because(data) ?? []) };
  return holds ? null : { state: 'skipped', reason: 'only_if' };
}

function undecided(because: Because[]): StoredReason {
  const paths = [...new Set(because.map(({ path }) => path))];
  return `undecided: ${paths.join(', ')}`;
}
