import { type LiveRuleSet } from '../config/live.js';
import { type DeliveryFilter } from '../store/store.js';
import { compareRuleSets } from './compare-rules.js';
import { deliveryPages } from './delivery-pages.js';
import { DeskError } from './desk-error.js';
import { type DeskTools } from './desk-tools.js';
import { commandFor } from './judge-pending.js';
import { type Judged, WaitingJudge } from './judge-waiting.js';
import { type AppliedView, PendingSummary, type RulePlanView } from './plan-views.js';
import { type ApplyOptions, type PlanOptions } from './queries.js';
import { followUpFilter } from './read-query.js';
import { readRuleSet } from './read-rule-set.js';
import { eachTogether } from './together.js';

const OTHER_RULES =
  'the server runs other rules than these; put them into the folder of its configuration, where it takes them over by itself';

/** What a change of rules means for what waits, and what a person chooses to become of it. */
export class RuleDesk {
  constructor(private readonly tools: DeskTools) {}

  /** Changes nothing. Destinations are those of the configuration in force, whatever rule set is looked at. */
  async planChange({ rule_set: content }: PlanOptions = {}): Promise<RulePlanView> {
    const live = this.tools.live.current();
    const target = content === undefined ? live : { ...live, ...readRuleSet(content) };
    const summary = new PendingSummary();
    let waiting = 0;
    let other: string | null = target.fingerprint === live.fingerprint ? null : live.fingerprint;
    for await (const judged of this.#judged(target)) {
      for (const one of judged) summary.add(one);
      waiting += judged.length;
      other ??=
        judged.find(({ delivery }) => delivery.ruleSet !== target.fingerprint)?.delivery.ruleSet ?? null;
    }
    const compared = { compared_with: other, rules: await this.#changesSince(other, target) };
    return { rule_set: target.fingerprint, ...compared, waiting, follow_ups: summary.groups() };
  }

  /**
   * Does with what waits what was chosen: nothing (`keep`), what the rules in force say (`migrate`), or all that differs
   * is taken back (`cancel`).
   */
  async applyChange({ pending, fingerprint, dry_run = false }: ApplyOptions): Promise<AppliedView> {
    const target = this.tools.live.current();
    if (fingerprint !== undefined && fingerprint !== target.fingerprint)
      throw new DeskError('conflict', OTHER_RULES);
    const counts = { migrated: 0, canceled: 0, kept: 0 };
    const apply = (one: Judged) => this.#apply(one, pending, target, dry_run);
    if (pending === 'keep') counts.kept = await this.tools.store.countMatching(this.#waiting());
    else
      for await (const judged of this.#judged(target))
        for (const done of await eachTogether(judged, apply)) counts[done] += 1;
    return { rule_set: target.fingerprint, count: counts.migrated + counts.canceled, ...counts };
  }

  /** What is sent or taken back meanwhile is left alone. */
  async #apply(
    { delivery, verdict }: Judged,
    pending: ApplyOptions['pending'],
    { fingerprint }: LiveRuleSet,
    isDryRun: boolean,
  ): Promise<'migrated' | 'canceled' | 'kept'> {
    const { store, clock, wake } = this.tools;
    const command = commandFor(verdict, pending, fingerprint);
    if (command === null) return 'kept';
    const is = command.do === 'migrate' ? 'migrated' : 'canceled';
    if (isDryRun) return is;
    const now = clock.now();
    const { done } = await store.command(delivery.id, command, now);
    if (done && command.do === 'migrate' && command.dueAt <= now) wake([delivery.destination]);
    return done ? is : 'kept';
  }

  async *#judged(target: LiveRuleSet): AsyncGenerator<Judged[], void> {
    const judge = new WaitingJudge(this.tools, target);
    for await (const page of deliveryPages(this.tools.store, this.#waiting())) yield await judge.judge(page);
  }

  #waiting(): DeliveryFilter {
    return followUpFilter({}, this.tools.clock.now());
  }

  async #changesSince(fingerprint: string | null, target: LiveRuleSet): Promise<RulePlanView['rules']> {
    const before = fingerprint === null ? null : await this.tools.ruleSets.find(fingerprint);
    return before === null ? [] : compareRuleSets(before.content, target.content);
  }
}
