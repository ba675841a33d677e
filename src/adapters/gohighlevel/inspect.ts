import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { type InspectedUse, type Inspection, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith, type Inspector } from '../inspect-with.js';
import { goHighLevelApi, objectsIn } from './gohighlevel-api.js';
import { type GoHighLevelOptions } from './gohighlevel-options.js';

/** Whether the token reads contacts of the location, and whether that knows the pipelines, stages, … of the rules. */
export function inspectGoHighLevel(request: InspectRequest<GoHighLevelOptions>): Promise<Inspection> {
  const { location_id: locationId } = request.options;
  return inspectWith(request, goHighLevelApi(request.options), async (inspector) => {
    const query = { locationId, email: 'nobody@example.com' };
    await inspector.read({ path: '/contacts/search/duplicate', query, accept: [404] });
    const location = await inspector.tryToRead({ path: `/locations/${locationId}` });
    const found = isJsonObject(location?.json ?? null) ? (location?.json as JsonObject).location : null;
    const account = isJsonObject(found) && typeof found.name === 'string' ? found.name : null;
    return { account, problems: await unknownNames(inspector, request) };
  });
}

/** One id that a rule writes out. */
interface NamedId {
  use: number;
  path: string;
  id: string;
}

/** What a location may know, and where it lists it. */
interface List {
  what: string;
  named: (use: InspectedUse, place: number) => NamedId[];
  read: (inspector: Inspector, locationId: string) => Promise<Known[] | null>;
}

interface Known {
  id: string;
  name: string;
}

const LISTS: List[] = [
  { what: 'pipeline', named: naming('upsert_opportunity', 'pipeline'), read: readPipelines },
  { what: 'stage', named: naming('upsert_opportunity', 'stage'), read: readStages },
  {
    what: 'workflow',
    named: naming('start_workflow', 'workflow'),
    read: async (inspector, locationId) =>
      knownIn(await inspector.tryToRead({ path: '/workflows/', query: { locationId } }), 'workflows'),
  },
  {
    what: 'custom field',
    named: ({ operation, with: { custom_fields: fields } }, use) =>
      operation === 'upsert_contact' && isJsonObject(fields)
        ? Object.keys(fields).map((id) => ({ use, path: `custom_fields.${id}`, id }))
        : [],
    read: async (inspector, locationId) =>
      knownIn(await inspector.tryToRead({ path: `/locations/${locationId}/customFields` }), 'customFields'),
  },
];

async function unknownNames(
  inspector: Inspector,
  { uses, options }: InspectRequest<GoHighLevelOptions>,
): Promise<InspectProblem[]> {
  const problems: InspectProblem[] = [];
  for (const { what, named, read } of LISTS) {
    const ids = uses.flatMap((use, place) => named(use, place));
    const known = ids.length === 0 ? null : await read(inspector, options.location_id);
    if (known === null) continue;
    for (const { use, path, id } of ids)
      if (!known.some((one) => one.id === id))
        problems.push({ use, path, problem: unknown(what, id, known) });
  }
  return problems;
}

function unknown(what: string, id: string, known: Known[]): string {
  const some = known.slice(0, 10).map(({ id: theirs, name }) => `${theirs} (${name})`);
  const expected = some.length === 0 ? 'it has none' : `expected one of ${some.join(', ')}`;
  return `the location has no ${what} ${id}; ${expected}`;
}

function naming(operation: string, field: string): List['named'] {
  return (use, place) => {
    const id = use.with[field];
    const isWritten = use.operation === operation && typeof id === 'string' && !/\{[{%]/.test(id);
    return isWritten ? [{ use: place, path: field, id }] : [];
  };
}

async function readPipelines(inspector: Inspector, locationId: string): Promise<Known[] | null> {
  return knownIn(await askForPipelines(inspector, locationId), 'pipelines');
}

async function readStages(inspector: Inspector, locationId: string): Promise<Known[] | null> {
  const answer = await askForPipelines(inspector, locationId);
  if (answer === null) return null;
  return objectsIn(answer, 'pipelines').flatMap(({ stages }) => asKnown(stages ?? null));
}

function askForPipelines(inspector: Inspector, locationId: string): ReturnType<Inspector['tryToRead']> {
  return inspector.tryToRead({ path: '/opportunities/pipelines', query: { locationId } });
}

/** Null where the token may not read them, which writing does not need. */
function knownIn(answer: Awaited<ReturnType<Inspector['tryToRead']>>, name: string): Known[] | null {
  return answer === null ? null : asKnown(objectsIn(answer, name));
}

function asKnown(list: Json): Known[] {
  return (Array.isArray(list) ? list : []).flatMap((item) =>
    isJsonObject(item) && typeof item.id === 'string'
      ? [{ id: item.id, name: typeof item.name === 'string' ? item.name : '' }]
      : [],
  );
}
