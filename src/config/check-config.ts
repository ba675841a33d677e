import { type Adapter } from '../adapters/adapter.js';
import { DEFAULT_CONTACT_HOURS } from '../domain/quiet-hours.js';
import { isJsonObject, type Json, type JsonObject, ownProperty } from '../lib/json.js';
import { type Source } from '../sources/source.js';
import { createTemplates } from '../templates/templates.js';
import { assemble } from './assemble.js';
import { checkAlerts } from './check/alerts.js';
import { checkCalendars } from './check/calendars.js';
import { checkContactHours } from './check/contact-hours.js';
import { type World } from './check/context.js';
import { checkMainFile, type MainSettings } from './check/main-settings.js';
import {
  type CheckedRuleFile,
  checkRuleFile,
  checkRuleReferences,
  checkUniqueIds,
} from './check/rule-files.js';
import { checkRuleTests } from './check/rule-tests.js';
import { checkTemplateFiles } from './check/template-files.js';
import { type Config, type ConfigProblem } from './config.js';
import { type ConfigFile } from './config-file.js';
import { Findings } from './findings.js';
import { type Environment, interpolate, refuseInterpolation } from './interpolate.js';
import { type LoadedConfig } from './load-files.js';
import { MAIN_FILE_MAPS, RULE_FILE_MAPS, withoutNotes } from './notes.js';
import { readText } from './read-text.js';
import { type Path } from './path.js';
import { type RuleTest } from './rule-test.js';

export interface CheckOptions {
  /** Values for `${NAME}`; PORT overrides `server.port`. */
  env: Environment;
  kinds: ReadonlyMap<string, Adapter>;
  sourceKinds: ReadonlyMap<string, Source>;
  /** Laid over `aftercall.yaml` before it is checked: a destination or source replaces its namesake. */
  overlay?: JsonObject;
}

export type ConfigReading =
  | {
      ok: true;
      config: Config;
      tests: RuleTest[];
      /** Files beside the configuration folder whose change matters: those of `${file:…}`. */
      watchedFiles: string[];
      /** A problem that only a destination could tell, said with its place like those that were found here. */
      problemAt: (file: string, path: Path, message: string) => ConfigProblem;
    }
  | { ok: false; problems: ConfigProblem[]; watchedFiles: string[] };

/** Checks everything that was loaded and reports every problem at once. Never throws for bad content. */
export function checkConfig(loaded: LoadedConfig, options: CheckOptions): ConfigReading {
  const findings = new Findings();
  for (const file of [loaded.main, ...loaded.rules, ...loaded.templateFiles.values()]) findings.addFile(file);
  const { settings, watchedFiles } = checkSettings(loaded.main, findings, options);
  const world = buildWorld(settings, loaded, findings);
  const alerts = settings === null ? [] : checkAlerts(settings, world.templates, findings);
  const contactHours = settings === null ? DEFAULT_CONTACT_HOURS : checkContactHours(settings, findings);
  const files = loaded.rules.flatMap((file) => checkRules(file, findings, world) ?? []);
  checkUniqueIds(files, findings);
  checkRuleReferences(files, findings);
  checkTemplateFiles(loaded.templateFiles, world.templates, findings);
  const tests = checkRuleTests(files, findings, world);
  const port = portOf(settings, loaded, findings, options.env);
  if (findings.hasErrors() || settings === null)
    return { ok: false, problems: findings.list(), watchedFiles };
  const config = assemble({ settings, world, alerts, contactHours, files, loaded, findings, port });
  return { ok: true, config, tests, watchedFiles, problemAt: placer(loaded, findings.secrets()) };
}

/** @returns what says a problem of a file, named as in `RuleContent.file`; `''` is the main file. */
function placer({ main, rules }: LoadedConfig, secrets: string[]) {
  return (name: string, path: Path, message: string): ConfigProblem => {
    const file = rules.find((one) => one.name === name) ?? main;
    const placed = new Findings();
    placed.keepSecret(secrets);
    placed.error({ ...file, spoiled: [] }, pathInFile(file, path), message);
    const [problem] = placed.list();
    if (problem === undefined) throw new Error('a finding was lost');
    return problem;
  };
}

/** The actions of a rule are one list; in its file those of `expect` stand behind `then` by themselves. */
function pathInFile({ content }: ConfigFile, path: Path): Path {
  const [rules, id, then, nth, ...below] = path;
  if (rules !== 'rules' || then !== 'then' || typeof nth !== 'number') return path;
  const rule = ownProperty(ownProperty(content, rules), String(id));
  const own = ownProperty(rule, then);
  const before = Array.isArray(own) ? own.length : 0;
  return nth < before ? path : [rules, String(id), 'expect', 'else', nth - before, ...below];
}

function checkSettings(file: ConfigFile, findings: Findings, options: CheckOptions) {
  if (file.content === undefined) return { settings: null, watchedFiles: [] };
  const laid = layOver(file.content, options.overlay ?? {});
  const { content, interpolated, secrets, files, problems } = interpolate(
    withoutNotes(laid, MAIN_FILE_MAPS),
    options.env,
    readText,
  );
  findings.keepSecret(secrets);
  for (const { path, message } of problems) findings.error(file, path, message);
  // What a missing variable left behind is half a value: findings there would only repeat it.
  const checked = { ...file, spoiled: [...file.spoiled, ...problems.map(({ path }) => path)] };
  const settings = checkMainFile(checked, content, interpolated, { findings, ...options });
  return { settings, watchedFiles: [...new Set(files)] };
}

/** Maps are merged key by key; what has a name (a destination, a source) is replaced whole. */
function layOver(content: Json, overlay: JsonObject): Json {
  if (!isJsonObject(content)) return content;
  const merged = { ...content };
  for (const [key, value] of Object.entries(overlay)) {
    const below = merged[key];
    merged[key] = isJsonObject(value) && isJsonObject(below) ? { ...below, ...value } : value;
  }
  return merged;
}

function buildWorld(settings: MainSettings | null, loaded: LoadedConfig, findings: Findings): World {
  const tables = settings?.values.tables ?? {};
  const timezone = settings?.values.timezone ?? 'UTC';
  return {
    sources: settings?.sources ?? null,
    destinations: settings?.destinations ?? null,
    tables,
    calendars: settings ? checkCalendars(settings, findings) : {},
    templates: createTemplates({ timezone, tables, files: loaded.templates }),
  };
}

function checkRules(file: ConfigFile, findings: Findings, world: World): CheckedRuleFile | null {
  if (file.content === undefined) return null;
  const { content, problems } = refuseInterpolation(withoutNotes(file.content, RULE_FILE_MAPS));
  for (const { path, message } of problems) findings.error(file, path, message);
  return checkRuleFile(file, content, findings, world);
}

/** A host application has a PORT of its own, so only a configuration of files looks at it. */
function portOf(
  settings: MainSettings | null,
  { dir, main }: LoadedConfig,
  findings: Findings,
  env: Environment,
): number {
  const written = dir === null ? undefined : env.PORT;
  if (written === undefined || written === '') return settings?.values.server.port ?? 0;
  const port = Number(written);
  if (!/^\d{1,5}$/.test(written) || port > 65_535)
    findings.error(
      main,
      ['server', 'port'],
      'the environment variable PORT is no port; expected a number up to 65535',
    );
  return port;
}
