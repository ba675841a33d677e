import { type Json, isJsonObject } from '../../lib/json.js';
import { type Inspection, type InspectedUse, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith, type Inspector } from '../inspect-with.js';
import { hubspotApi } from './hubspot-api.js';
import { type HubSpotOptions } from './hubspot-options.js';
import { inspectDeals } from './inspect-deals.js';
import { crmPath, objectsPath } from './paths.js';
import { RECORD_TYPES, type RecordType } from './record-type.js';

/** Whether the token is good, and whether the account has the properties, pipelines and stages that rules name. */
export function inspectHubSpot(request: InspectRequest<HubSpotOptions>): Promise<Inspection> {
  const { options, uses } = request;
  return inspectWith(request, hubspotApi(options), async (inspector) => {
    await inspector.read({ path: objectsPath(options, 'contact'), query: { limit: 1 } });
    const account = await inspector.tryToRead({ path: '/account-info/v3/details' });
    const { portalId, timeZone } = isJsonObject(account?.json) ? account.json : {};
    const problems = [
      ...zoneProblems(options, timeZone, request.now),
      ...(await propertyProblems(inspector, request)),
      ...(await inspectDeals(inspector, options, uses)),
    ];
    const isNumbered = typeof portalId === 'number' || typeof portalId === 'string';
    return { account: isNumbered ? `HubSpot account ${portalId}` : null, problems };
  });
}

/** Compared by the clock: zones have several names. */
function zoneProblems({ timezone }: HubSpotOptions, theirs: Json | undefined, now: number): InspectProblem[] {
  if (typeof theirs !== 'string' || clockIn(theirs, now) === clockIn(timezone, now)) return [];
  const problem = `is ${timezone}, but the account is in ${theirs}; a daily limit ends at midnight there`;
  return [{ use: null, path: 'timezone', problem }];
}

function clockIn(timeZone: string, now: number): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(now);
  } catch {
    return null;
  }
}

/** The type of record whose properties an operation writes. */
const WRITTEN: Record<string, RecordType> = {
  upsert_contact: 'contact',
  log_call: 'call',
  create_note: 'note',
  create_task: 'task',
  create_deal: 'deal',
};

interface NamedProperty {
  type: RecordType;
  name: string;
  use: number | null;
  path: string;
  mustBeUnique: boolean;
}

async function propertyProblems(
  inspector: Inspector,
  { options, uses }: InspectRequest<HubSpotOptions>,
): Promise<InspectProblem[]> {
  const named = [...namedInOptions(options), ...uses.flatMap(namedInUse)];
  const problems: InspectProblem[] = [];
  for (const type of new Set(named.map((property) => property.type))) {
    const known = await listProperties(inspector, options, type);
    if (known === null) continue;
    for (const property of named.filter((one) => one.type === type)) {
      const problem = problemOf(property, known);
      if (problem !== null) problems.push({ use: property.use, path: property.path, problem });
    }
  }
  return problems;
}

function namedInOptions(options: HubSpotOptions): NamedProperty[] {
  const named = [
    ['contact', 'contact_property', options.contact_property],
    ['call', 'call_property', options.call_property],
  ] as const;
  return named.flatMap(([type, path, name]) =>
    name === undefined ? [] : [{ type, path, name, use: null, mustBeUnique: true }],
  );
}

function namedInUse({ operation, with: { properties } }: InspectedUse, use: number): NamedProperty[] {
  const type = WRITTEN[operation];
  if (type === undefined || !isJsonObject(properties)) return [];
  return Object.keys(properties).map((name) => ({
    ...{ type, name, use, path: `properties.${name}`, mustBeUnique: false },
  }));
}

/** Each property of a type, and whether its values are unique; null where the token may not read them. */
async function listProperties(
  inspector: Inspector,
  options: HubSpotOptions,
  type: RecordType,
): Promise<Map<string, boolean> | null> {
  const path = `${crmPath(options, 'properties')}/${RECORD_TYPES[type]}`;
  const answer = await inspector.tryToRead({ path });
  const { results } = isJsonObject(answer?.json) ? answer.json : {};
  if (!Array.isArray(results)) return null;
  return new Map(
    results.flatMap((property): [string, boolean][] =>
      isJsonObject(property) && typeof property.name === 'string'
        ? [[property.name, property.hasUniqueValue === true]]
        : [],
    ),
  );
}

function problemOf({ type, name, mustBeUnique }: NamedProperty, known: Map<string, boolean>): string | null {
  const isUnique = known.get(name);
  if (isUnique === undefined) return `HubSpot knows no property ${name} of a ${type}`;
  return mustBeUnique && !isUnique ? `the property ${name} does not require unique values` : null;
}
