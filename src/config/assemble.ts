import { type ContactLimits, DEFAULT_CONTACT_LIMITS } from '../domain/contact-limits.js';
import { type ContactHours } from '../domain/quiet-hours.js';
import { deepFreeze } from '../lib/freeze.js';
import { fingerprintOf } from '../rules/fingerprint.js';
import { type RuleSetContent } from '../rules/rule.js';
import { type World } from './check/context.js';
import { type MainSettings } from './check/main-settings.js';
import { type CheckedRuleFile } from './check/rule-files.js';
import { type AlertConfig, type Config, type DestinationConfig, type SourceConfig } from './config.js';
import { type Findings } from './findings.js';
import { type LoadedConfig } from './load-files.js';
import { type MainFile } from './schema/main-file.js';

/** What was checked and found good. */
export interface Parts {
  settings: MainSettings;
  world: World;
  alerts: AlertConfig[];
  contactHours: ContactHours;
  files: CheckedRuleFile[];
  loaded: LoadedConfig;
  findings: Findings;
  port: number;
}

/** Puts together the configuration that everything else works with, typed and frozen. */
export function assemble({
  settings,
  world,
  alerts,
  contactHours,
  files,
  loaded,
  findings,
  port,
}: Parts): Config {
  const { values } = settings;
  const ruleSet: RuleSetContent = deepFreeze({
    timezone: values.timezone,
    tables: world.tables,
    calendars: world.calendars,
    templates: loaded.templates,
    rules: files.flatMap(({ rules }) => rules),
  });
  return Object.freeze<Config>({
    dir: loaded.dir,
    timezone: values.timezone,
    server: Object.freeze({
      host: values.server.host,
      port,
      publicUrl: values.server.public_url?.replace(/\/+$/, '') ?? null,
      trustedProxies: values.server.trusted_proxies,
    }),
    storage: values.storage,
    queue: values.queue ?? null,
    adminToken: values.admin.token ?? null,
    sources: frozenMap<SourceConfig>(settings.sources),
    destinations: frozenMap<DestinationConfig>(settings.destinations),
    tables: ruleSet.tables,
    scopeLabel: values.contacts.scope?.replace(/^labels\./, '') ?? null,
    zonePath: values.contacts.zone ?? null,
    contactHours: deepFreeze(contactHours),
    consentPath: values.contacts.consent ?? null,
    contactMaxAgeMs: values.contacts.max_age,
    contactLimits: deepFreeze(limitsOf(values.contact_limits)),
    maxChain: values.max_chain,
    egressAllow: deepFreeze(values.egress.allow),
    egressProxy: values.egress.proxy === 'environment',
    retention: { eventsMs: values.retention.events, bodiesMs: values.retention.bodies },
    alerts: deepFreeze(alerts),
    ruleSet,
    fingerprint: fingerprintOf(ruleSet),
    warnings: deepFreeze(findings.list()),
    secrets: deepFreeze(findings.secrets()),
  });
}

/** What is given stands in place of its default; null, for `none`, leaves nothing there. */
function limitsOf(given: MainFile['contact_limits']): ContactLimits {
  const limits = Object.entries({ ...DEFAULT_CONTACT_LIMITS, ...given });
  return Object.fromEntries(limits.filter(([, limit]) => limit));
}

/** Without errors there is no null left. Adapters and sources are objects of their own and stay as they are. */
function frozenMap<T extends object>(entries: ReadonlyMap<string, T | null>): ReadonlyMap<string, T> {
  const whole = [...entries].flatMap(([name, entry]) =>
    entry === null ? [] : [[name, Object.freeze(entry)] as const],
  );
  return new Map(whole);
}
