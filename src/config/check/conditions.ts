import { checkCondition } from '../../rules/condition.js';
import { type ConditionContent, type RuleContent } from '../../rules/rule.js';
import { type ConfigFile } from '../config-file.js';
import { type Findings } from '../findings.js';
import { followWords, type Path } from '../path.js';
import { type World } from './context.js';

/** Has the rule language check a condition, and puts its findings where they stand in the file. */
export function checkConditionAt(
  condition: ConditionContent,
  missing: RuleContent['missing'],
  place: { file: ConfigFile; path: Path; findings: Findings; world: World },
): void {
  const { file, path, findings, world } = place;
  const context = { missing, tables: world.tables, calendars: world.calendars };
  for (const { path: words, message, severity } of checkCondition(condition, context)) {
    const at = [...path, ...followWords(condition, words)];
    if (severity === 'warning') findings.warning(file, at, message);
    else findings.error(file, at, message);
  }
}
