import { isJsonObject, type Json } from '../../lib/json.js';
import {
  type ActionContent,
  type ConditionContent,
  type RuleContent,
  type SourceSelector,
} from '../../rules/rule.js';
import { type ConfigFile } from '../config-file.js';
import { type Findings } from '../findings.js';
import { type Path } from '../path.js';
import { describeType, describeUnknownName } from '../schema/describe-issue.js';
import { type RuleFile, ruleFileSchema, type RuleFileRule, ruleSchema } from '../schema/rule-file.js';
import { parseAs } from '../schema/parse-as.js';
import { checkConditionAt } from './conditions.js';
import { warnOfContactFacts } from './contact-facts.js';
import { addIssues, type World } from './context.js';
import { readableParts } from './main-settings.js';
import { actionIds, checkActions } from './rule-actions.js';
import { checkSelector } from './selectors.js';

/** What a rule file says, as far as it could be read. */
export interface CheckedRuleFile {
  file: ConfigFile;
  /** Every id that stands in the file, also of rules with faults, with the ids of its actions. */
  ids: Map<string, string[]>;
  /** In the order in which they are evaluated. */
  rules: RuleContent[];
  tests: unknown[];
}

interface RulePlace {
  file: ConfigFile;
  findings: Findings;
  world: World;
  fileValues: RuleFile;
}

export function checkRuleFile(
  file: ConfigFile,
  content: Json,
  findings: Findings,
  world: World,
): CheckedRuleFile {
  if (!isJsonObject(content)) {
    findings.error(file, [], describeType('object', content));
    return { file, ids: new Map(), rules: [], tests: [] };
  }
  const parsed = parseAs(ruleFileSchema, content);
  if (!parsed.ok) addIssues(findings, file, [], parsed.issues);
  const fileValues = parsed.ok ? parsed.data : readableParts(ruleFileSchema, content);
  const place = { file, findings, world, fileValues };
  checkSelector(fileValues.defaults.sources, ['defaults', 'sources'], place);
  const entries = isJsonObject(content.rules) ? Object.entries(content.rules) : [];
  const rules = entries.flatMap(([id, rule]) => checkRule(id, rule, place) ?? []);
  const ids = new Map(entries.map(([id, rule]) => [id, actionIds(rule)]));
  return { file, ids, rules: rules.sort((a, b) => a.order - b.order), tests: fileValues.tests };
}

function checkRule(id: string, content: Json, place: RulePlace): RuleContent | null {
  const path: Path = ['rules', id];
  const parsed = parseAs(ruleSchema, content);
  if (!parsed.ok) addIssues(place.findings, place.file, path, parsed.issues);
  warnOfContactFacts(content, path, place);
  const missing = missingOf(content, place.fileValues);
  const actions = checkActions(content, { ...place, path, missing });
  if (!parsed.ok) return null;
  const rule = parsed.data;
  checkSources(rule, path, place);
  checkConditionAt(conditionOf(rule), missing, { ...place, path });
  return toRuleContent(id, rule, missing, actions, place);
}

function toRuleContent(
  id: string,
  rule: RuleFileRule,
  missing: RuleContent['missing'],
  actions: ActionContent[],
  { file, fileValues: { defaults } }: RulePlace,
): RuleContent {
  return {
    id,
    file: file.name,
    title: rule.title ?? null,
    state: rule.state ?? defaults.state ?? 'live',
    sources: rule.sources ?? defaults.sources ?? 'all',
    condition: conditionOf(rule),
    missing,
    stop: rule.stop,
    catchAll: rule.catch_all,
    order: rule.order,
    maxAgeMs: rule.max_age ?? defaults.max_age ?? null,
    ...(rule.on_own_calls === 'count' && { onOwnCalls: rule.on_own_calls }),
    actions,
  };
}

function conditionOf({ match, when }: RuleFileRule): ConditionContent {
  return { ...(match !== undefined && { match }), ...(when !== undefined && { when }) };
}

/** A rule with faults elsewhere has its actions checked as well, so that one run finds everything. */
function missingOf(content: Json, { missing, defaults }: RuleFile): RuleContent['missing'] {
  const own = isJsonObject(content) ? content.missing : undefined;
  return own === 'as-null' || own === 'undecided' ? own : (defaults.missing ?? missing ?? 'undecided');
}

/** Once all files are read: `rule_fired` may name a rule of another one. */
export function checkRuleReferences(files: readonly CheckedRuleFile[], findings: Findings): void {
  const known = files.flatMap(({ ids }) => [...ids.keys()]);
  for (const { file, rules } of files)
    for (const { id, actions } of rules)
      actions.forEach(({ cancelWhen }, i) => {
        const named = cancelWhen?.ruleFired;
        if (named === undefined || known.includes(named)) return;
        const path = ['rules', id, 'then', i, 'cancel_when', 'rule_fired'];
        findings.error(file, path, describeUnknownName('rule', named, known));
      });
}

/** With several clients in one house, a rule that says nothing would mix them. */
function checkSources(rule: RuleFileRule, path: Path, place: RulePlace): void {
  checkSelector(rule.sources, [...path, 'sources'], place);
  const selector: SourceSelector | undefined = rule.sources ?? place.fileValues.defaults.sources;
  const clients = clientLabels(place.world);
  if (selector !== undefined || clients.length < 2) return;
  const message = `says no sources; the sources belong to different clients (${clients.join(', ')}), so name them here or under defaults`;
  place.findings.error(place.file, path, message, 'key');
}

function clientLabels({ sources }: World): string[] {
  const labels = [...(sources?.values() ?? [])].flatMap((source) => source?.labels.client ?? []);
  return [...new Set(labels)];
}

/** Rule ids are unique over all files; the second place names the first. */
export function checkUniqueIds(files: readonly CheckedRuleFile[], findings: Findings): void {
  const first = new Map<string, ConfigFile>();
  for (const { file, ids } of files) {
    for (const id of ids.keys()) {
      const other = first.get(id);
      if (other === undefined) first.set(id, file);
      else findings.error(file, ['rules', id], twice(id, other), 'key');
    }
  }
}

function twice(id: string, other: ConfigFile): string {
  const { line, column } = other.locate(['rules', id], 'key');
  return `the rule ${id} exists already in ${other.display}:${line}:${column}; ids are unique over all files`;
}
