import { type CompiledRuleSet, type LiveRuleSet } from '../config/live.js';
import { type Delivery } from '../domain/delivery.js';
import { nextOpen } from '../domain/open-hours.js';
import { type DecidedCall } from '../plan/plan-deliveries.js';
import { windowOf } from '../plan/plan-timing.js';
import { type SourceConfig } from '../config/config.js';
import { actionDifferences, ruleDifferences } from './compare-rules.js';
import { DeskError } from './desk-error.js';
import { type DeskTools } from './desk-tools.js';
import { findBackgroundAgain } from './find-background-again.js';
import { judgePending, type PendingVerdict } from './judge-pending.js';
import { decideAgain } from './plan-replay.js';
import { readEvent } from './read-event.js';
import { eachTogether } from './together.js';

/** A follow-up that waits, and what the rules looked at mean for it. */
export interface Judged {
  delivery: Delivery;
  verdict: PendingVerdict;
}

/** A call that was decided by the rules looked at, or why that cannot be done. */
type Decided = { source: SourceConfig; call: DecidedCall } | { why: string };

type Tools = Pick<DeskTools, 'store' | 'ruleSets' | 'clock'>;

/** Judges follow-ups by one rule set; remembers what it found out about rules from one page of them to the next. */
export class WaitingJudge {
  readonly #same = new Map<string, boolean>();

  constructor(
    private readonly tools: Tools,
    private readonly target: LiveRuleSet,
  ) {}

  /** The call of each is read and decided once, and only where the rules say something else of it. */
  async judge(deliveries: readonly Delivery[]): Promise<Judged[]> {
    const byEvent = new Map<string, Delivery[]>();
    for (const delivery of deliveries) {
      const those = byEvent.get(delivery.eventId) ?? [];
      those.push(delivery);
      byEvent.set(delivery.eventId, those);
    }
    return (await eachTogether([...byEvent.values()], (those) => this.#judgeEvent(those))).flat();
  }

  async #judgeEvent(deliveries: readonly Delivery[]): Promise<Judged[]> {
    const judged: Judged[] = [];
    let decided: Decided | null = null;
    for (const delivery of deliveries) {
      const before = await this.tools.ruleSets.find(delivery.ruleSet);
      if (before === null) judged.push({ delivery, verdict: stays('the rules that planned it are gone') });
      else if (this.#isSame(before, delivery)) judged.push({ delivery, verdict: { is: 'unchanged' } });
      else {
        decided ??= await this.#decide(delivery.eventId);
        judged.push({ delivery, verdict: this.#verdict(before, delivery, decided) });
      }
    }
    return judged;
  }

  #verdict(before: CompiledRuleSet, delivery: Delivery, decided: Decided): PendingVerdict {
    const { rules, actions } = this.target;
    const key = `${delivery.rule}.${delivery.action}`;
    const has = { rule: rules.has(delivery.rule), action: actions.has(key) };
    if ('why' in decided)
      return has.action ? stays(decided.why) : judgePending({ ...NOTHING, delivery, has });
    const { decisions, deliveries } = decided.call;
    const planned = deliveries.find(
      ({ rule, action }) => rule === delivery.rule && action === delivery.action,
    );
    return judgePending({
      ...{ delivery, has, planned },
      decision: decisions.find(({ rule }) => rule === delivery.rule),
      differences: this.#differences(before, key),
      dueAt: planned === undefined ? delivery.dueAt : this.#dueAt(key, planned.dueAt, decided),
    });
  }

  /** What would have been due by now is due when its window is open next. */
  #dueAt(
    key: string,
    plannedAt: number,
    { source, call }: Extract<Decided, { source: SourceConfig }>,
  ): number {
    const now = this.tools.clock.now();
    if (plannedAt > now) return plannedAt;
    const during = this.target.actions.get(key)?.content.during ?? [];
    const window = windowOf(this.target, { source, data: call.data }, during);
    return window === null ? now : (nextOpen(window, now) ?? now);
  }

  async #decide(eventId: string): Promise<Decided> {
    const found = await this.tools.store.findEvent(eventId);
    if (found === null) return { why: 'its event is gone' };
    try {
      const { source, reading } = readEvent(this.target.config, found);
      const call = { event: found.event, source, reading };
      const background = await findBackgroundAgain(this.tools.store, this.target, call);
      return { source, call: decideAgain({ ...call, background, ruleSet: this.target }) };
    } catch (error) {
      if (error instanceof DeskError) return { why: error.message };
      throw error;
    }
  }

  #differences({ actions, content }: CompiledRuleSet, key: string): string[] {
    const [old, now] = [actions.get(key)?.content, this.target.actions.get(key)?.content];
    if (!old || !now) return [];
    return actionDifferences(old, now, { before: content, after: this.target.content });
  }

  /** Whether nothing differs that could make another plan for any call: neither its action nor a rule of its file. */
  #isSame(before: CompiledRuleSet, { rule, action }: Delivery): boolean {
    if (before.fingerprint === this.target.fingerprint) return true;
    const name = JSON.stringify([before.fingerprint, rule, action]);
    const known = this.#same.get(name);
    if (known !== undefined) return known;
    const key = `${rule}.${action}`;
    const hasBoth = before.actions.has(key) && this.target.actions.has(key);
    const same = hasBoth && this.#differences(before, key).length === 0 && this.#isSameFile(before, rule);
    this.#same.set(name, same);
    return same;
  }

  /** Whether a rule fires also depends on those before it in its file, by `stop` and `catch_all`. */
  #isSameFile(before: CompiledRuleSet, rule: string): boolean {
    const [old, now] = [before, this.target].map(({ content, rules }) =>
      content.rules.filter(({ file }) => file === rules.get(rule)?.file),
    );
    const sets = { before: before.content, after: this.target.content };
    if (!old || !now || old.length !== now.length) return false;
    return now.every((each, i) => {
      const then = old[i];
      return then?.id === each.id && ruleDifferences(then, each, sets).length === 0;
    });
  }
}

/** Of a call that cannot be decided any more. */
const NOTHING = { decision: undefined, planned: undefined, differences: [], dueAt: 0 };

function stays(why: string): PendingVerdict {
  return { is: 'stays', why };
}
