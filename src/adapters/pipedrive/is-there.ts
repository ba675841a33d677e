import { type Exchange } from '../exchange.js';
import { dataIn } from './pipedrive-api.js';

/** The id again, or null where Pipedrive does not know the record any more. */
export async function isThere(exchange: Exchange, path: string, id: string): Promise<string | null> {
  const answer = await exchange.read({ path, accept: [404, 410] });
  return answer.status >= 400 || dataIn(answer).is_deleted === true ? null : id;
}
