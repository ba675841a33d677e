import { type CalendarContent } from '../domain/calendar.js';
import { type IfUnknown, type OnRevision } from '../domain/delivery.js';
import { type LatePolicy } from '../domain/late.js';
import { type OnOwnCalls } from '../domain/loop-guard.js';
import { type OnRepeat } from '../domain/on-repeat.js';
import { type Wait } from '../lib/duration.js';
import { type Json, type JsonObject } from '../lib/json.js';

/** JSON Logic as written: any JSON, an object with one key is an operation. */
export type Logic = Json;

/** `{ match, when }`, either or both; both must hold. Absent parts are left out. */
export interface ConditionContent {
  match?: Json;
  when?: Logic;
}

/** Names of sources, or `all`, or labels that the source must carry. */
export type SourceSelector = 'all' | string[] | Record<string, string>;

/** Where a delivery goes: a destination's name (`''` for what is done here, such as `contact.stop`), or a row of a table chosen by a template. */
export type To = string | { table: string; key: string; default?: string };

export type IfMissing = 'hold' | 'mark' | 'omit' | 'empty';

/** `after` or `at` of an action. */
export type TimingContent =
  /** Counted from when the call was received. */
  | { after: Wait }
  | {
      at: {
        /** Template that gives the time. */
        time: string;
        /** `contact`, `campaign` or an IANA zone: whose clock is meant. */
        zone: string;
        ifPast: 'now' | 'skip' | 'hold';
        ifUnreadable: 'hold' | 'skip' | 'now';
        atMostMs: number;
      };
    };

/** `cancel_when`: any of the two, over later calls of the same contact. */
export interface CancelWhen {
  /** Holds on the data of a later call. */
  laterCall?: ConditionContent;
  /** This rule fired on a later call. */
  ruleFired?: string;
}

/** One action of a rule with its defaults applied. */
export interface ActionContent {
  id: string;
  to: To;
  /** Operation; null means the destination kind's default one. */
  do: string | null;
  /** Input of the operation; every string is a Liquid template. */
  with: JsonObject;
  onlyIf: ConditionContent | null;
  /** Null means: what fits the operation and the field. */
  ifMissing: IfMissing | null;
  onRevision: OnRevision;
  /** Null, and missing in rule sets stored by 0.1: what the operation says. */
  ifUnknown?: IfUnknown | null;
  /** Waits before attempts 2, 3, …; null: those of the destination. */
  retryWaitsMs?: readonly number[] | null;
  /** Deadline of one attempt; null: that of the destination. */
  timeoutMs?: number | null;
  /** Keeps the order per contact. Null or left out: what the operation says. */
  ordered?: boolean | null;
  /** When it is due. Null or left out: at once. */
  timing?: TimingContent | null;
  /** Names of calendars, or `campaign`: the first that exists counts, and what is due outside it waits for its next opening. */
  during?: string[];
  /** What takes it back while it waits. Null or left out: nothing does. */
  cancelWhen?: CancelWhen | null;
  /** What happens when it is found long after its time. Null or left out: see `DEFAULT_LATE_POLICY`. */
  late?: LatePolicy | null;
  /** Ids of earlier actions of the rule that are delivered first. Left out by 0.1: none. */
  needs?: string[];
  /** Whom an operation that calls or texts is for: `staff` passes no contact gate. Null or left out: the contact. */
  audience?: 'contact' | 'staff' | null;
  /** At most once within `perMs`: for a contact, over all contacts, or for what a template gives. Null or left out: no limit. */
  oncePer?: { key: 'contact' | 'rule' | { template: string }; perMs: number } | null;
  /** What happens when one of the same rule, action and contact still waits. Null or left out: nothing. */
  onRepeat?: OnRepeat | null;
  /** Tries of one call. Null or left out: one. */
  callTries?: CallTries | null;
  /** Collects into one message. Null or left out: each goes by itself. */
  digest?: DigestContent | null;
}

/** `call_tries`: a further try is planned when one was made, and taken back by a later call that `until` holds for. */
export interface CallTries {
  max: number;
  every: Wait;
  until: ConditionContent | null;
}

/** `digest` */
export interface DigestContent {
  everyMs: number;
  /** Path in the call: what differs there goes out by itself. Null: all of it together. */
  by: string | null;
}

/** One rule with its defaults applied, as stored in a rule set. Plain JSON. */
export interface RuleContent {
  id: string;
  /** Path of its file below the configuration folder, with forward slashes. */
  file: string;
  title: string | null;
  state: 'live' | 'shadow' | 'disabled';
  sources: SourceSelector;
  condition: ConditionContent;
  missing: 'undecided' | 'as-null';
  stop: boolean;
  catchAll: boolean;
  /** Lower first; then position in the file. */
  order: number;
  /** Calls that ended longer ago are decided, their actions skipped with `too_old`; null: no limit. */
  maxAgeMs: number | null;
  /** What a call does that this rule caused. Left out by 0.1: `ignore`. */
  onOwnCalls?: OnOwnCalls;
  actions: ActionContent[];
}

/** Lookup tables of `aftercall.yaml`. */
export type Tables = Record<string, Record<string, Json>>;

/**
 * Everything a decision or a rendered text depends on, as plain JSON. Its fingerprint (hash of the
 * canonical form) names it; decisions and deliveries point at it, so that editing a rule never changes
 * what is already planned. Rules stand in the order in which they are evaluated within their file.
 */
export interface RuleSetContent {
  timezone: string;
  tables: Tables;
  calendars: Record<string, CalendarContent>;
  /** Texts of `templates/*.liquid` by file name. */
  templates: Record<string, string>;
  rules: RuleContent[];
}
