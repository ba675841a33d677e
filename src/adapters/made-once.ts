import { isJsonObject } from '../lib/json.js';
import { callLink } from './adapter.js';
import { type Exchange } from './exchange.js';

/** What one action makes for one call, at a vendor that knows no idempotency key. */
export interface MadeOnce {
  /** Names it among the links, e.g. `note`. */
  what: string;
  /** Brings what was made before up to date; null where it is gone from the vendor. */
  onMade(id: string, begunAt: number): Promise<string | null>;
  /**
   * Looks for it at the vendor: an attempt that began at `begunAt` may have made it. Not known: that attempt left no
   * word of itself, and `begunAt` is now.
   */
  look(begunAt: number, isKnown: boolean): Promise<string | null>;
  /** Answers with the id of what it made. */
  make(begunAt: number): Promise<string>;
  /** Looks before the first attempt as well, where the vendor may know it from elsewhere. */
  alwaysLooks?: boolean;
}

/**
 * Makes it unless it is there already. Its id is remembered once the vendor has told it; before that, when the first
 * attempt began: whoever finds this knows that a record may be there, whatever became of that attempt.
 */
export async function makeOnce(exchange: Exchange, wanted: MadeOnce): Promise<string> {
  const link = `${callLink(exchange.request.call)} ${wanted.what}`;
  const [madeId, begunAt] = [await exchange.find(link), await findBeginning(exchange, link)];
  const wasMade = typeof madeId === 'string';
  const kept = wasMade ? await wanted.onMade(madeId, begunAt ?? exchange.request.now) : null;
  // Made anew, it has a beginning of its own.
  if (wasMade && kept === null) exchange.remember(link, null);
  const id = kept ?? (await findOrMake(exchange, wanted, link, wasMade ? null : begunAt));
  exchange.remember(link, id);
  return id;
}

async function findOrMake(
  exchange: Exchange,
  wanted: MadeOnce,
  link: string,
  begunAt: number | null,
): Promise<string> {
  const { now, mayHaveArrived } = exchange.request;
  const mayBeThere = begunAt !== null || mayHaveArrived || wanted.alwaysLooks === true;
  const found = mayBeThere ? await wanted.look(begunAt ?? now, begunAt !== null) : null;
  if (found !== null) return found;
  exchange.remember(`${link} begun`, { at: begunAt ?? now });
  return wanted.make(begunAt ?? now);
}

/** When the first attempt that might have made it began; null where there was none. */
async function findBeginning(exchange: Exchange, link: string): Promise<number | null> {
  const begun = await exchange.find(`${link} begun`);
  return isJsonObject(begun) && typeof begun.at === 'number' ? begun.at : null;
}
