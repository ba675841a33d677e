import { v7 } from 'uuid';

/**
 * A new id (UUID version 7): ids made later sort later, so that indexes grow at one end. The time in it
 * (milliseconds since the epoch) only sorts; it is the current one by default.
 */
export function newId(nowMs?: number): string {
  return nowMs === undefined ? v7() : v7({ msecs: nowMs });
}
