import { type Exchange, type ApiRequest } from '../exchange.js';
import { type JsonObject } from '../../lib/json.js';
import { textOf } from '../text-of.js';
import { listIn } from './pipedrive-api.js';

/** Ours and Pipedrive's clock may differ. */
const CLOCK_MS = 5 * 60_000;
/** A process that died is back within a day. */
const UNKNOWN_MS = 24 * 60 * 60_000;

/** The earliest time at which an attempt may have made it. */
export function earliestFor(begunAt: number, isKnown: boolean): number {
  return begunAt - (isKnown ? CLOCK_MS : UNKNOWN_MS);
}

/** `2026-11-23T12:00:00Z`: filters take no parts of a second. */
export function toSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The id of the first in the list that is the one wanted, or null. */
export async function findListed(
  exchange: Exchange,
  request: ApiRequest,
  isWanted: (listed: JsonObject) => boolean,
): Promise<string | null> {
  const found = listIn(await exchange.read(request)).find(isWanted);
  return found === undefined ? null : textOf(found.id);
}
