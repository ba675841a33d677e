import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { type Inspection, type InspectedUse, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith, type Inspector } from '../inspect-with.js';
import { textOf } from '../text-of.js';
import { dataIn, listIn, pipedriveApi, V1, V2 } from './pipedrive-api.js';
import { type PipedriveOptions } from './pipedrive-options.js';

/** Whether the token is good, and whether the account has the pipelines, stages, types and fields that rules name. */
export function inspectPipedrive(request: InspectRequest<PipedriveOptions>): Promise<Inspection> {
  return inspectWith(request, pipedriveApi(request.options), async (inspector) => {
    const { name, company_name: company } = dataIn(await inspector.read({ path: `${V1}/users/me` }));
    const account = [name, company].map(textOf).filter((word) => word !== '');
    const problems: InspectProblem[] = [];
    for (const list of LISTS) problems.push(...(await unknownNames(inspector, request.uses, list)));
    return { account: account.length === 0 ? null : account.join(', '), problems };
  });
}

interface NamedThing {
  path: string;
  name: string;
}

/** Something that rules name, and where Pipedrive lists what it has of it. */
interface List {
  path: string;
  what: string;
  /** The key of an entry by which rules name it. */
  key: string;
  namedIn: (use: InspectedUse) => NamedThing[];
}

const LISTS: List[] = [
  {
    path: `${V2}/pipelines`,
    what: 'pipeline',
    key: 'id',
    namedIn: (use) => fixed(use, 'create_deal', 'pipeline'),
  },
  { path: `${V2}/stages`, what: 'stage', key: 'id', namedIn: (use) => fixed(use, 'create_deal', 'stage') },
  {
    ...{ path: `${V1}/activityTypes`, what: 'type of activity', key: 'key_string' },
    namedIn: (use) => fixed(use, 'create_activity', 'type'),
  },
  {
    ...{ path: `${V2}/personFields`, what: 'field of a person', key: 'field_code' },
    namedIn: (use) => fieldsIn(use, 'upsert_person'),
  },
  {
    ...{ path: `${V2}/dealFields`, what: 'field of a deal', key: 'field_code' },
    namedIn: (use) => fieldsIn(use, 'create_deal'),
  },
];

/** Known before a call comes in. */
function fixed({ operation, with: content }: InspectedUse, wanted: string, path: string): NamedThing[] {
  const name = textOf(content[path]);
  return operation !== wanted || name === '' || /\{[{%]/.test(name) ? [] : [{ path, name }];
}

/** A word behind the hash of a custom field names a part of it. */
function fieldsIn({ operation, with: { fields } }: InspectedUse, wanted: string): NamedThing[] {
  if (operation !== wanted || !isJsonObject(fields)) return [];
  return Object.keys(fields).map((name) => ({
    path: `fields.${name}`,
    name: name.replace(/^([0-9a-f]{40})_\w+$/, '$1'),
  }));
}

async function unknownNames(
  inspector: Inspector,
  uses: readonly InspectedUse[],
  { path, what, key, namedIn }: List,
): Promise<InspectProblem[]> {
  const named = uses.flatMap((one, use) => namedIn(one).map((thing) => ({ ...thing, use })));
  const known = named.length === 0 ? null : await namesOf(inspector, path, key);
  if (known === null) return [];
  return named.flatMap((thing) =>
    known.has(thing.name)
      ? []
      : [{ use: thing.use, path: thing.path, problem: `Pipedrive knows no ${what} ${thing.name}` }],
  );
}

const MAX_PAGES = 10;

/** Null where not all of them may be read. */
async function namesOf(inspector: Inspector, path: string, key: string): Promise<Set<string> | null> {
  const names = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = path.startsWith(V2) ? { limit: 500, cursor } : {};
    const answer = await inspector.tryToRead({ path, query });
    if (answer === null) return null;
    for (const entry of listIn(answer)) names.add(textOf(entry[key]));
    cursor = nextCursor(answer.json);
    if (cursor === undefined) return names;
  }
  return null;
}

function nextCursor(json: Json): string | undefined {
  const { additional_data: more }: JsonObject = isJsonObject(json) ? json : {};
  return isJsonObject(more) && typeof more.next_cursor === 'string' ? more.next_cursor : undefined;
}
