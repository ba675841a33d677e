import { type InspectedUse, type Inspection, type InspectProblem } from '../adapters/adapter.js';
import { type Config, type ConfigProblem, type DestinationConfig } from '../config/config.js';
import { followWords } from '../config/path.js';
import { createEgress, type Egress } from '../egress/egress.js';
import { type RuleContent, type To } from '../rules/rule.js';
import { type LoadedConfig } from './load-config.js';

/** What was learned of one destination. `asked: false`: there is no question that would send nothing. */
export interface AskedDestination {
  name: string;
  kind: string;
  asked: boolean;
  account: string | null;
  problems: ConfigProblem[];
}

/** One action that may go to a destination, and where it stands. */
interface PlacedUse {
  use: InspectedUse;
  rule: RuleContent;
  index: number;
}

/** Asks every enabled destination, all at once and by reading only, whether it takes what the rules will send. */
export async function checkOnline(
  reading: LoadedConfig,
  env: NodeJS.ProcessEnv,
): Promise<AskedDestination[]> {
  const { config } = reading;
  const troubles: Error[] = [];
  const egress = createEgress(config, env, (error) => troubles.push(error));
  try {
    const [trouble] = troubles;
    if (trouble !== undefined) throw trouble;
    const enabled = [...config.destinations.values()].filter((destination) => destination.enabled);
    return await Promise.all(enabled.map((destination) => ask(reading, destination, egress)));
  } finally {
    egress.close();
  }
}

async function ask(
  reading: LoadedConfig,
  destination: DestinationConfig,
  { http, mail }: Egress,
): Promise<AskedDestination> {
  const { name, adapter, options, timeoutMs } = destination;
  const uses = usesOf(reading.config, destination);
  const request = { options, uses: uses.map(({ use }) => use), http, mail, timeoutMs };
  const signal = AbortSignal.timeout(timeoutMs);
  const inspection = await adapter.inspect?.({ ...request, signal, now: Date.now() });
  const { account, problems }: Inspection = inspection ?? { account: null, problems: [] };
  const placed = problems.map((problem) => place(reading, destination, uses, problem));
  return { name, kind: adapter.kind, asked: Boolean(inspection), account, problems: placed };
}

function usesOf(config: Config, destination: DestinationConfig): PlacedUse[] {
  return config.ruleSet.rules
    .filter(({ state }) => state !== 'disabled')
    .flatMap((rule) =>
      rule.actions.flatMap((action, index) => {
        if (!mayGoTo(config, action.to, destination.name)) return [];
        const operation = action.do ?? destination.defaultOperation ?? '';
        return [{ use: { operation, with: action.with }, rule, index }];
      }),
    );
}

function mayGoTo({ tables }: Config, to: To, name: string): boolean {
  if (typeof to === 'string') return to === name;
  return to.default === name || Object.values(tables[to.table] ?? {}).includes(name);
}

function place(
  { problemAt }: LoadedConfig,
  { name, options }: DestinationConfig,
  uses: readonly PlacedUse[],
  { use: nth, path, problem }: InspectProblem,
): ConfigProblem {
  const placed = nth === null ? undefined : uses[nth];
  if (placed === undefined)
    return problemAt('', ['destinations', name, ...followWords(options, path)], problem);
  const { use, rule, index } = placed;
  const below = followWords(use.with, path);
  return problemAt(rule.file, ['rules', rule.id, 'then', index, 'with', ...below], problem);
}
