import { type Adapter } from '../../adapters/adapter.js';
import { type CalendarContent } from '../../domain/calendar.js';
import { type Tables } from '../../rules/rule.js';
import { type Source } from '../../sources/source.js';
import { type Templates } from '../../templates/templates.js';
import { type DestinationConfig, type SourceConfig } from '../config.js';
import { type ConfigFile } from '../config-file.js';
import { type Findings } from '../findings.js';
import { type Path } from '../path.js';
import { type SchemaIssue } from '../schema/parse-as.js';

/** What every check is given. */
export interface CheckContext {
  findings: Findings;
  kinds: ReadonlyMap<string, Adapter>;
  sourceKinds: ReadonlyMap<string, Source>;
}

/**
 * What rules may refer to. A name that is there with null has faults of its own: it may be referred to, but
 * what depends on its content is left unchecked.
 */
export interface World {
  /** Null when `aftercall.yaml` could not be read: references are then left unchecked. */
  sources: ReadonlyMap<string, SourceConfig | null> | null;
  destinations: ReadonlyMap<string, DestinationConfig | null> | null;
  tables: Tables;
  calendars: Record<string, CalendarContent>;
  templates: Templates;
}

export function addIssues(
  findings: Findings,
  file: ConfigFile,
  base: Path,
  issues: readonly SchemaIssue[],
): void {
  for (const { path, at, message } of issues) findings.error(file, [...base, ...path], message, at);
}
