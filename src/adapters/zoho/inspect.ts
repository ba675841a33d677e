import { isJsonObject, type JsonObject } from '../../lib/json.js';
import { type InspectedUse, type Inspection, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith, type Inspector } from '../inspect-with.js';
import { textOf } from '../text-of.js';
import { recordsIn, zohoApi } from './zoho-api.js';
import { type ZohoOptions } from './zoho-options.js';

/** Whether the refresh token reads records, and whether the account knows the modules and fields of the rules. */
export function inspectZoho(request: InspectRequest<ZohoOptions>): Promise<Inspection> {
  return inspectWith(request, zohoApi(request), async (inspector) => {
    // An account may do without leads; what counts is that the token is good.
    await inspector.read({ path: '/Leads', query: { fields: 'id', per_page: 1 }, accept: [400, 403, 404] });
    const org = await inspector.tryToRead({ path: '/org' });
    const name = textOf(recordsIn(org?.json ?? null, 'org')[0]?.company_name);
    return { account: name === '' ? null : name, problems: await unknownNames(inspector, request.uses) };
  });
}

async function unknownNames(inspector: Inspector, uses: readonly InspectedUse[]): Promise<InspectProblem[]> {
  const modules = uses.length === 0 ? null : await listNames(inspector, '/settings/modules', 'modules');
  const fields = new Map<string, Set<string> | null>();
  const problems: InspectProblem[] = [];
  for (const [use, { with: content }] of uses.entries()) {
    const module = textOf(content.module);
    if (!/^\w+$/.test(module)) continue;
    if (modules !== null && !modules.has(module)) {
      problems.push({ use, path: 'module', problem: `the account shows no module ${module}` });
      continue;
    }
    const path = `/settings/fields?module=${module}`;
    const known = fields.get(module) ?? (await listNames(inspector, path, 'fields'));
    fields.set(module, known);
    if (known !== null) problems.push(...unknownFields(content, known, use));
  }
  return problems;
}

function unknownFields(content: JsonObject, known: Set<string>, use: number): InspectProblem[] {
  const { fields, duplicate_check_fields: checked, module } = content;
  const mapped = Object.keys(isJsonObject(fields) ? fields : {}).map((name) => ({
    name,
    path: `fields.${name}`,
  }));
  const keys = (Array.isArray(checked) ? checked : []).map((name, i) => ({
    name: textOf(name),
    path: `duplicate_check_fields.${i}`,
  }));
  return [...mapped, ...keys]
    .filter(({ name }) => !known.has(name))
    .map(({ name, path }) => ({ use, path, problem: `${textOf(module)} has no field ${name}` }));
}

/** Null without the scope for it, which writing does not need. */
async function listNames(inspector: Inspector, path: string, list: string): Promise<Set<string> | null> {
  const answer = await inspector.tryToRead({ path });
  return answer === null ? null : new Set(recordsIn(answer.json, list).map((one) => textOf(one.api_name)));
}
