import { type Json, isJsonObject } from '../../lib/json.js';
import { type InspectedUse, type InspectProblem } from '../adapter.js';
import { type Inspector } from '../inspect-with.js';
import { type HubSpotOptions } from './hubspot-options.js';
import { crmPath } from './paths.js';

/** Pipelines and stages that rules name and the account does not have. */
export async function inspectDeals(
  inspector: Inspector,
  options: HubSpotOptions,
  uses: readonly InspectedUse[],
): Promise<InspectProblem[]> {
  if (!uses.some(({ operation }) => operation === 'create_deal')) return [];
  const answer = await inspector.tryToRead({ path: `${crmPath(options, 'pipelines')}/deals` });
  const { results } = isJsonObject(answer?.json) ? answer.json : {};
  if (!Array.isArray(results)) return [];
  const pipelines = new Map(results.flatMap(readPipeline));
  return uses.flatMap((one, use) => (one.operation === 'create_deal' ? problemsOf(one, use, pipelines) : []));
}

function readPipeline(pipeline: Json): [string, string[]][] {
  if (!isJsonObject(pipeline) || typeof pipeline.id !== 'string') return [];
  const stages = Array.isArray(pipeline.stages) ? pipeline.stages : [];
  const ids = stages.flatMap((stage) =>
    isJsonObject(stage) && typeof stage.id === 'string' ? [stage.id] : [],
  );
  return [[pipeline.id, ids]];
}

function problemsOf(
  { with: { pipeline = 'default', stage } }: InspectedUse,
  use: number,
  pipelines: ReadonlyMap<string, string[]>,
): InspectProblem[] {
  if (!isFixed(pipeline)) return [];
  const stages = pipelines.get(pipeline);
  if (stages === undefined) {
    const problem = `HubSpot knows no pipeline ${pipeline}; expected the id of one: ${[...pipelines.keys()].join(', ')}`;
    return [{ use, path: 'pipeline', problem }];
  }
  if (!isFixed(stage) || stages.includes(stage)) return [];
  const problem = `the pipeline ${pipeline} has no stage ${stage}; expected the id of one: ${stages.join(', ')}`;
  return [{ use, path: 'stage', problem }];
}

/** Known before a call comes in. */
function isFixed(value: Json | undefined): value is string {
  return typeof value === 'string' && !/\{[{%]/.test(value);
}
