import { type CompiledRuleSet, type LiveConfig, compileRuleSet } from '../config/live.js';
import { type RuleSetContent } from '../rules/rule.js';
import { type Store } from '../store/store.js';

/** Rule sets by fingerprint: a delivery is rendered by the one that planned it, even after an edit. */
export class RuleSetCache {
  readonly #older = new Map<string, Promise<CompiledRuleSet | null>>();

  constructor(
    private readonly store: Store,
    private readonly live: LiveConfig,
  ) {}

  find(fingerprint: string): Promise<CompiledRuleSet | null> {
    const current = this.live.current();
    if (current.fingerprint === fingerprint) return Promise.resolve(current);
    const known = this.#older.get(fingerprint) ?? this.#load(fingerprint);
    this.#older.delete(fingerprint);
    this.#older.set(fingerprint, known);
    this.#forgetOldest();
    return known;
  }

  async #load(fingerprint: string): Promise<CompiledRuleSet | null> {
    try {
      const text = await this.store.loadRuleSet(fingerprint);
      return text === null ? null : compileRuleSet(JSON.parse(text) as RuleSetContent, fingerprint);
    } catch (error) {
      this.#older.delete(fingerprint);
      throw error;
    }
  }

  #forgetOldest(): void {
    const oldest = this.#older.keys().next();
    if (this.#older.size > MAX_CACHED && !oldest.done) this.#older.delete(oldest.value);
  }
}

/** Rule sets change when somebody edits a file; a handful covers every delivery still on its way. */
const MAX_CACHED = 8;
