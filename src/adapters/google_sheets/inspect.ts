import { type JsonObject, isJsonObject, readPath } from '../../lib/json.js';
import { type Inspection, type InspectedUse, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith, type Inspector } from '../inspect-with.js';
import { sheetsApi } from './sheets-api.js';
import { type SheetsOptions } from './sheets-options.js';
import { placeOf } from './append-row.js';
import { rowsIn, unknownColumns, valuesPath } from './table.js';

/** Whether the account may read the spreadsheet, and whether the sheets have the columns that rules name. */
export function inspectSheets(request: InspectRequest<SheetsOptions>): Promise<Inspection> {
  const { options, uses } = request;
  return inspectWith(request, sheetsApi(request), async (inspector) => {
    const path = `/${encodeURIComponent(options.spreadsheet_id)}`;
    const { json } = await inspector.read({ path, query: { fields: 'properties.title' } });
    const title = readPath(json, 'properties.title');
    const problems: InspectProblem[] = [];
    for (const [use, action] of uses.entries())
      for (const problem of await problemsOf(inspector, options, action)) problems.push({ use, ...problem });
    return { account: typeof title === 'string' ? title : null, problems };
  });
}

async function problemsOf(
  inspector: Inspector,
  options: SheetsOptions,
  { with: content }: InspectedUse,
): Promise<{ path: string; problem: string }[]> {
  const place = fixedPlace(content);
  if (place === null) return [];
  const answer = await inspector.tryToRead({ path: valuesPath(placeOf(options, place), '1:1') });
  if (answer === null)
    return [
      {
        path: 'sheet',
        problem: `Google shows the service account no sheet ${place.sheet ?? options.sheet ?? ''}`,
      },
    ];
  const columns = (rowsIn(answer.json)[0] ?? []).map((name) => name.trim());
  const key = typeof content.key_column === 'string' ? content.key_column : options.key_column;
  const unknown = isJsonObject(content.values) ? unknownColumns(columns, content.values) : [];
  return [
    ...(columns.includes(key) ? [] : [{ path: 'key_column', problem: `the first row has no column ${key}` }]),
    ...unknown.map((name) => ({ path: `values.${name}`, problem: `the first row has no column ${name}` })),
  ];
}

/** Null where a table decides on it when a call comes in. */
function fixedPlace({
  spreadsheet_id: spreadsheet,
  sheet,
}: JsonObject): { spreadsheet_id?: string; sheet?: string } | null {
  const isTemplate = [spreadsheet, sheet].some((value) => typeof value === 'string' && /\{[{%]/.test(value));
  if (isTemplate) return null;
  return {
    ...(typeof spreadsheet === 'string' && { spreadsheet_id: spreadsheet }),
    ...(typeof sheet === 'string' && { sheet }),
  };
}
