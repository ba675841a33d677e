import { type DeliveryState } from '../domain/delivery.js';
import { type Json, type JsonObject } from '../lib/json.js';

/** A call to begin with: a named sample or the call itself (one of them is null), then changed by path. */
export interface GivenCall {
  fixture: string | null;
  call: JsonObject | null;
  set: Record<string, Json>;
  unset: string[];
}

/** What an action is expected to look like; what is left out may be anything. */
export interface ExpectedAction {
  to?: string;
  kind?: string;
  do?: string;
  state?: DeliveryState;
  due_at?: string;
  /** Plain values must be equal; a mapping with an operator (`contains`, …) must hold. */
  with?: Json;
  reason?: string | null;
}

/** One entry of `tests:` in a rule file, checked and with its defaults applied. */
export interface RuleTest {
  name: string;
  /** File and 1-based line, for reports. */
  file: string;
  line: number;
  /** ISO time at which the call is received; null: now. */
  at: string | null;
  /** Name of the source it comes from; null: the first. */
  source: string | null;
  given: GivenCall;
  earlier: GivenCall[];
  expect: {
    /** Exactly these rules; null: not looked at. */
    fired: string[] | null;
    notFired: string[];
    /** Missing paths by rule. */
    undecided: Record<string, string[]>;
    /** Paths that a decision names, by rule. */
    because: Record<string, string[]>;
    /** By `rule.action`. */
    actions: Record<string, ExpectedAction>;
  };
}
