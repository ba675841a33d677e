import { type StoredProcess } from '../store/store.js';

/** A process that works on the store, as the admin API shows it. Times are ISO 8601. */
export interface ProcessView {
  id: string;
  role: string;
  host: string;
  version: string;
  /** Fingerprint of the rule set it decides by. */
  rule_set: string;
  /** Whether that is the one of whoever answers. */
  rule_set_current: boolean;
  leads: boolean;
  started_at: string;
  /** When it was last heard of. */
  seen_at: string;
}

/** @param ruleSet fingerprint that counts as current */
export function processView(process: StoredProcess, ruleSet: string): ProcessView {
  const { id, role, host, version, startedAt, seenAt, leads = false } = process;
  return {
    ...{ id, role, host, version, rule_set: process.ruleSet, rule_set_current: process.ruleSet === ruleSet },
    leads,
    started_at: new Date(startedAt).toISOString(),
    seen_at: new Date(seenAt).toISOString(),
  };
}
