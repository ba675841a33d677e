import { type CompiledRuleSet } from '../config/live.js';
import { type Call } from '../domain/event.js';
import { ownProperty } from '../lib/json.js';
import { type To } from '../rules/rule.js';

/** The destination's name, or null where a table has no row for the key and the action no default. */
export function resolveDestination(ruleSet: CompiledRuleSet, to: To, data: Call): string | null {
  if (typeof to === 'string') return to;
  const key = ruleSet.templates.parse(to.key, 'text').render(data, 'empty').text;
  const row = ownProperty(ownProperty(ruleSet.content.tables, to.table), key);
  if (typeof row === 'string') return row;
  return to.default ?? null;
}
