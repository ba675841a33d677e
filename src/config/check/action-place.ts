import { type Wait } from '../../lib/duration.js';
import { type ConditionContent, type RuleContent } from '../../rules/rule.js';
import { type ConfigFile } from '../config-file.js';
import { type Findings } from '../findings.js';
import { type Path } from '../path.js';
import { type World } from './context.js';

/** Where an action stands, and what it may refer to. */
export interface ActionPlace {
  file: ConfigFile;
  path: Path;
  findings: Findings;
  world: World;
  missing: RuleContent['missing'];
  /** What the actions under `else` of `expect` wait for; null under `then`. */
  waiting: Waiting | null;
}

/** They are due when the time is over, unless a later call satisfied the rule before. */
export interface Waiting {
  after: Wait;
  laterCall: ConditionContent;
  /** For actions that name none of their own. */
  during: string[] | undefined;
}

/** The text of a template must be readable; what its variables hold is known only when a call comes in. */
export function checkTemplateText(
  text: string,
  path: Path,
  { file, findings, world }: Pick<ActionPlace, 'file' | 'findings'> & { world: Pick<World, 'templates'> },
  at: 'key' | 'value' = 'value',
): void {
  try {
    world.templates.parse(text, 'text');
  } catch (error) {
    findings.error(file, path, error instanceof Error ? error.message : String(error), at);
  }
}
