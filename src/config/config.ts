import { type ContactLimits } from '../domain/contact-limits.js';
import { type ContactHours } from '../domain/quiet-hours.js';
import { type Adapter, type Operation } from '../adapters/adapter.js';
import { type JsonObject } from '../lib/json.js';
import { type RuleSetContent, type Tables } from '../rules/rule.js';
import { type Source } from '../sources/source.js';

/** A finding about a file, printed as `file:line:col  path.in.words  message`. */
export interface ConfigProblem {
  severity: 'error' | 'warning';
  /** Path below the working directory or configuration folder, with forward slashes. */
  file: string;
  /** 1-based. */
  line: number;
  column: number;
  /** Path in words, e.g. `rules.hot-lead.then[0].to`. */
  path: string;
  /** What is wrong; what was expected; nearest known name. */
  message: string;
}

export interface SourceConfig {
  name: string;
  source: Source;
  /** Tokens that are accepted; empty means: made at first start and kept in the store. */
  tokens: string[];
  /** CIDR ranges; empty means any address. */
  allowIps: string[];
  timezone: string | null;
  labels: Record<string, string>;
  /** Longest silence that is usual; a longer one raises an alert. Null: none is expected. */
  expectEveryMs: number | null;
}

export interface DestinationConfig {
  name: string;
  adapter: Adapter;
  /** Operations that actions may name here; depends on the options for kind `log` with `as`. */
  operations: Record<string, Operation>;
  /** Operation of an action that names none; null where there is no obvious one. */
  defaultOperation: string | null;
  /** Parsed by the adapter's schema; holds secrets in clear. */
  options: Record<string, unknown>;
  enabled: boolean;
  /** Labels that the source must carry; null: no fence. */
  only: Record<string, string> | null;
  /** Waits before attempts 2, 3, …; their number plus one is the number of attempts. */
  retryWaitsMs: number[];
  timeoutMs: number;
  concurrency: number;
  /** At most `count` deliveries per `perMs`; null: no limit. */
  rate: { count: number; perMs: number } | null;
}

/** Where Aftercall reports its own trouble. */
export interface AlertConfig {
  /** Name of a destination. */
  to: string;
  /** Input beside the text, e.g. the address of an e-mail. */
  with: JsonObject;
  /** What is reported; null: everything. */
  on: AlertReason[] | null;
}

export const ALERT_REASONS = [
  'dead',
  'held',
  'undecided',
  'quarantined',
  'unauthorized',
  'rejected_configuration',
  'silent_source',
  /** The breaker of a destination opened. */
  'destination_open',
] as const;
export type AlertReason = (typeof ALERT_REASONS)[number];

/** Everything `aftercall.yaml`, the rule files and templates say, checked, typed and frozen. */
export interface Config {
  /** Folder it was read from; null when given as an object. */
  dir: string | null;
  timezone: string;
  server: { host: string; port: number; publicUrl: string | null; trustedProxies: string[] };
  storage: string;
  queue: string | null;
  adminToken: string | null;
  sources: ReadonlyMap<string, SourceConfig>;
  destinations: ReadonlyMap<string, DestinationConfig>;
  tables: Tables;
  /** Label that separates clients, e.g. `client` for `contacts.scope: labels.client`; null: one scope. */
  scopeLabel: string | null;
  /** Path of the field of a call that names the contact's zone; null: none does. */
  zonePath: string | null;
  /** When contacts may be reached, on their own clock. */
  contactHours: ContactHours;
  /** Path of the field of a call that says whether the contact agreed to be reached; null: nobody is asked. */
  consentPath: string | null;
  /** A call told later than this after its end reaches no contact. */
  contactMaxAgeMs: number;
  contactLimits: ContactLimits;
  /** How many calls one original call may cause. */
  maxChain: number;
  egressAllow: string[];
  /** True: outgoing HTTP goes through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. */
  egressProxy: boolean;
  /** How long finished events and their bytes are kept; null: for ever. */
  retention: { eventsMs: number | null; bodiesMs: number | null };
  alerts: AlertConfig[];
  ruleSet: RuleSetContent;
  /** Hash of the rule set's canonical form. */
  fingerprint: string;
  /** Warnings that do not stop it from being used. */
  warnings: ConfigProblem[];
  /** Every secret value that must be kept out of logs and errors. */
  secrets: string[];
}
