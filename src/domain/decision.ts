/**
 * One rule's verdict on one event.
 * - `fired`: the condition held; its actions are planned (or, with `shadow`, only rendered).
 * - `not_matched`: the condition did not hold. Never stored; computed again from the stored rule set.
 * - `undecided`: the condition read something missing or unusable; `because` names the paths.
 * - `error`: evaluating it threw or ran over its budget; other rules go on.
 * - `not_evaluated`: an earlier rule of the same file fired and has `stop: true`; or a delivery of this rule caused
 *   the call (`on_own_calls`). A rule that stops its contact is always evaluated.
 */
export type Verdict = 'fired' | 'not_matched' | 'undecided' | 'error' | 'not_evaluated';

/** Why a condition ended undecided or in error. `path` is as written in the rule. */
export interface Because {
  path: string;
  /** `missing`, `not_a_number`, `not_a_time`, `unknown_zone`, `own_call`, … or the error's message. */
  problem: string;
}

export interface Decision {
  rule: string;
  verdict: Verdict;
  /** True for a rule in state `shadow`: it never stops, hides or counts as fired. */
  shadow: boolean;
  /** Filled for `undecided` and `error`, and for a rule's own call; empty otherwise. */
  because: Because[];
}
