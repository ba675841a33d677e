import { type Condition, compileCondition } from '../rules/condition.js';
import { factWindowsOf } from '../rules/contact-facts.js';
import {
  type ActionContent,
  type ConditionContent,
  type RuleContent,
  type RuleSetContent,
} from '../rules/rule.js';
import { RuleBook } from '../rules/rule-book.js';
import { createTemplates, type Templates } from '../templates/templates.js';
import { type Config } from './config.js';

/** An action with its condition compiled. */
export interface CompiledAction {
  content: ActionContent;
  onlyIf: Condition | null;
  /** `cancel_when: { later_call }`. */
  laterCall: Condition | null;
  /** `call_tries: { until }`. */
  until: Condition | null;
}

/** A rule set ready to decide and render: what an event was decided by, now or long ago. */
export interface CompiledRuleSet {
  fingerprint: string;
  content: RuleSetContent;
  book: RuleBook;
  templates: Templates;
  rules: ReadonlyMap<string, RuleContent>;
  /** By `rule.action`. */
  actions: ReadonlyMap<string, CompiledAction>;
  /** Whether any of them is taken back by a later call: most houses need not look for what waits on every call. */
  mayTakeBack: boolean;
  /**
   * Windows of the facts about a contact that conditions and templates mention, such as `24h` of `contact.calls_24h`,
   * in milliseconds by their word; null when they mention no such fact: most houses need not ask the store.
   */
  factWindows: ReadonlyMap<string, number> | null;
}

export function compileRuleSet(content: RuleSetContent, fingerprint: string): CompiledRuleSet {
  const { timezone, tables, calendars } = content;
  const actions = new Map<string, CompiledAction>();
  for (const rule of content.rules) {
    for (const action of rule.actions) {
      const context = { missing: rule.missing, tables, calendars, timezone };
      const compiled = (condition: ConditionContent | null) =>
        condition && compileCondition(condition, context);
      actions.set(`${rule.id}.${action.id}`, {
        content: action,
        onlyIf: compiled(action.onlyIf),
        laterCall: compiled(action.cancelWhen?.laterCall ?? null),
        until: compiled(action.callTries?.until ?? null),
      });
    }
  }
  return {
    fingerprint,
    content,
    book: new RuleBook(content),
    templates: createTemplates({ timezone, tables, files: content.templates }),
    rules: new Map(content.rules.map((rule) => [rule.id, rule])),
    actions,
    mayTakeBack: [...actions.values()].some(({ content }) => isTakenBack(content)),
    factWindows: factWindowsOf(content),
  };
}

/** Whether later calls of the contact matter to an action. */
export function isTakenBack({ cancelWhen, callTries }: ActionContent): boolean {
  return Boolean(cancelWhen) || Boolean(callTries?.until);
}

/** One consistent view: an event is decided and planned by one of these, never by a mixture. */
export interface LiveRuleSet extends CompiledRuleSet {
  config: Config;
}

/** Holds the configuration in force. A good change replaces it in one assignment; a bad one never gets here. */
export class LiveConfig {
  #current: LiveRuleSet;
  readonly #listeners: ((live: LiveRuleSet) => void)[] = [];

  constructor(config: Config) {
    this.#current = { ...compileRuleSet(config.ruleSet, config.fingerprint), config };
  }

  current(): LiveRuleSet {
    return this.#current;
  }

  swap(config: Config): void {
    const compiled =
      config.fingerprint === this.#current.fingerprint
        ? this.#current
        : compileRuleSet(config.ruleSet, config.fingerprint);
    this.#current = { ...compiled, config };
    for (const listener of this.#listeners) listener(this.#current);
  }

  onSwap(listener: (live: LiveRuleSet) => void): void {
    this.#listeners.push(listener);
  }
}
