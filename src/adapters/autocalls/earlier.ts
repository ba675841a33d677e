import { OWN_CALL_VARIABLE as MARK } from '../../domain/loop-guard.js';
import { type Json, type JsonObject, isJsonObject, readPath } from '../../lib/json.js';
import { describeAnswer } from '../http-outcome.js';
import { idText } from './receipt.js';
import { endAttempt, type Exchange } from '../exchange.js';

export function withMark(variables: JsonObject | undefined, exchange: Exchange): JsonObject {
  return { ...variables, [MARK]: exchange.request.idempotencyKey };
}

/** Where to look, and which of the records there might be ours if the platform kept no mark. */
export interface Search {
  path: '/user/calls' | '/user/leads';
  query: Record<string, string | number>;
  couldBeOurs(record: JsonObject): boolean;
}

/**
 * What an earlier attempt of this delivery made, or null where it made nothing. A record without any mark leaves
 * it open, for a platform may keep only the variables that an assistant knows: then a person has to look.
 */
export async function findEarlier(exchange: Exchange, search: Search): Promise<JsonObject | null> {
  const records = await list(exchange, search);
  const own = records.find((record) => markOf(record) === exchange.request.idempotencyKey);
  if (own !== undefined) return own;
  const unclear = records.filter((record) => markOf(record) === undefined && search.couldBeOurs(record));
  const ids = unclear.map(({ id }) => idText(id) ?? '');
  if (ids.length === 0 || hasDecidedAbout(ids, exchange)) return null;
  const what = search.path === '/user/calls' ? 'calls to' : 'leads with';
  return endAttempt({
    ...{ outcome: 'unknown', reason: 'timeout', progress: { seen: ids } },
    message: `sent before without an answer; Autocalls has ${what} this number that may come from it: ${ids.join(', ').slice(0, 100)}; cancel, or release once more`,
  });
}

/** A person let it go after these were named. */
function hasDecidedAbout(ids: string[], { request }: Exchange): boolean {
  const { progress, isReleased } = request;
  const seen = isJsonObject(progress) && Array.isArray(progress.seen) ? progress.seen : [];
  return isReleased && ids.every((id) => seen.includes(id));
}

export function markOf({ variables }: JsonObject): Json | undefined {
  return readPath(variables, MARK);
}

const MAX_PAGES = 10;

export async function list(
  exchange: Exchange,
  { path, query }: Pick<Search, 'path' | 'query'>,
): Promise<JsonObject[]> {
  const found: JsonObject[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const answer = await exchange.read({ path, query: { ...query, per_page: 100, page } });
    const { data, last_page: last } = isJsonObject(answer.json) ? answer.json : {};
    if (!Array.isArray(data)) {
      const message = `no list of Autocalls: ${describeAnswer(answer)}`;
      return endAttempt({ outcome: 'retry', reason: 'server_error', httpStatus: answer.status, message });
    }
    found.push(...data.filter((record) => isJsonObject(record)));
    if (typeof last !== 'number' || page >= last) break;
  }
  return found;
}

const DAY_MS = 86_400_000;
/** Where a crash left no time of the first attempt. */
const LOOKS_BACK_MS = 7 * DAY_MS;

/** The day before the first attempt, since the platform counts days in the zone of the account. */
export function firstDay({ request: { progress, now } }: Exchange): string {
  const tried = isJsonObject(progress) && typeof progress.triedAt === 'number' ? progress.triedAt : null;
  return new Date(tried === null ? now - LOOKS_BACK_MS : tried - DAY_MS).toISOString().slice(0, 10);
}
