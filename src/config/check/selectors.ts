import { nearest } from '../../lib/nearest.js';
import { type SourceSelector } from '../../rules/rule.js';
import { type ConfigFile } from '../config-file.js';
import { type Findings } from '../findings.js';
import { type Path } from '../path.js';
import { describeUnknownName } from '../schema/describe-issue.js';
import { type World } from './context.js';

/** Names must be sources; labels that no source carries are warned about, since a hook URL may bring them. */
export function checkSelector(
  selector: SourceSelector | undefined,
  path: Path,
  { file, findings, world }: { file: ConfigFile; findings: Findings; world: World },
): void {
  if (selector === undefined || selector === 'all' || world.sources === null) return;
  if (!Array.isArray(selector)) {
    for (const [label, value] of Object.entries(selector))
      warnOfLabel(label, value, path, { file, findings, world });
    return;
  }
  const known = [...world.sources.keys()];
  for (const [i, name] of selector.entries())
    if (!known.includes(name)) findings.error(file, [...path, i], describeUnknownName('source', name, known));
}

function warnOfLabel(
  label: string,
  value: string,
  path: Path,
  { file, findings, world }: { file: ConfigFile; findings: Findings; world: World },
): void {
  const sources = [...(world.sources?.values() ?? [])];
  if (sources.some((source) => source === null || source.labels[label] === value)) return;
  const values = sources.flatMap((source) => source?.labels[label] ?? []);
  const near = nearest(value, values);
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  findings.warning(
    file,
    [...path, label],
    `no source carries the label ${label}: ${value}, so only hook URLs that add it match${hint}`,
  );
}
