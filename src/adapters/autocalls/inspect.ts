import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { type Inspection, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith, type Inspector } from '../inspect-with.js';
import { autocallsApi } from './autocalls-api.js';
import { idText } from './receipt.js';
import { type AutocallsOptions } from './autocalls-options.js';

/** Whether the key is good, and whether the account has the assistants, campaigns and senders that rules name. */
export function inspectAutocalls(request: InspectRequest<AutocallsOptions>): Promise<Inspection> {
  return inspectWith(request, autocallsApi(request.options), async (inspector) => {
    const { json } = await inspector.read({ path: '/user/me' });
    const account = isJsonObject(json) && typeof json.name === 'string' ? json.name : null;
    const problems: InspectProblem[] = [];
    for (const one of NAMED) problems.push(...(await unknownIds(inspector, request, one)));
    return { account, problems };
  });
}

/** An input that names something of the account by its id, and where the account lists those. */
interface Named {
  operations: string[];
  input: string;
  list: string;
  what: string;
}

const NAMED: Named[] = [
  {
    ...{ operations: ['call'], input: 'assistant_id', list: '/user/assistants/outbound' },
    what: 'outbound assistant',
  },
  {
    ...{ operations: ['add_lead', 'update_lead'], input: 'campaign_id', list: '/user/campaigns' },
    what: 'campaign',
  },
  {
    ...{ operations: ['send_sms'], input: 'from', list: '/user/phone-numbers' },
    what: 'phone number that can send SMS',
  },
  {
    ...{ operations: ['send_whatsapp'], input: 'sender_id', list: '/user/whatsapp/senders?status=all' },
    what: 'WhatsApp sender',
  },
];

async function unknownIds(
  inspector: Inspector,
  { uses }: InspectRequest<AutocallsOptions>,
  { operations, input, list, what }: Named,
): Promise<InspectProblem[]> {
  const named = uses.flatMap(({ operation, with: content }, use) => {
    const id = operations.includes(operation) ? fixedId(content, input) : null;
    return id === null ? [] : [{ use, id }];
  });
  const known = named.length === 0 ? null : await idsOf(inspector, list);
  if (known === null) return [];
  return named
    .filter(({ id }) => !known.has(id))
    .map(({ use, id }) => ({ use, path: input, problem: `the account has no ${what} ${id}` }));
}

/** Null where it comes from the call or a table. */
function fixedId(content: JsonObject, input: string): string | null {
  const id = content[input];
  const text = typeof id === 'number' ? String(id) : id;
  return typeof text === 'string' && /^\d+$/.test(text.trim()) ? text.trim() : null;
}

/** Some lists come bare, others below `data`. Null where they cannot be read. */
async function idsOf(inspector: Inspector, path: string): Promise<Set<string> | null> {
  const answer = await inspector.tryToRead({ path });
  const json: Json = answer?.json ?? null;
  const items = isJsonObject(json) ? json.data : json;
  if (!Array.isArray(items)) return null;
  return new Set(items.flatMap((item) => (isJsonObject(item) ? [idText(item.id) ?? ''] : [])));
}
