import { type Quantity } from '../lib/duration.js';

/** Operations that reach a contact. */
export const CONTACT_CHANNELS = ['call', 'sms', 'whatsapp', 'email'] as const;
export type ContactChannel = (typeof CONTACT_CHANNELS)[number];

/** `contact_limits`, over all rules: per channel, and `any` over all channels together. A day is the last 24 hours. */
export type ContactLimits = Partial<Record<ContactChannel | 'any', Quantity>>;

const DAY_MS = 86_400_000;
export const DEFAULT_CONTACT_LIMITS: ContactLimits = {
  call: { count: 3, perMs: DAY_MS },
  any: { count: 5, perMs: 7 * DAY_MS },
};

/** The contact was reached, or something is on its way to it. Milliseconds since the epoch. */
export interface Reached {
  at: number;
  channel: ContactChannel;
}

/** The first instant at or after `now` at which no limit is used up, and the limit that asks for the longest wait. */
export function freeAt(
  { now, channel, reached }: { now: number; channel: ContactChannel; reached: readonly Reached[] },
  limits: ContactLimits,
): { at: number; limit: string | null } {
  let free: { at: number; limit: string | null } = { at: now, limit: null };
  for (const name of [channel, 'any'] as const) {
    const quantity = limits[name];
    if (!quantity) continue;
    const counted = reached.filter((one) => name === 'any' || one.channel === name).map(({ at }) => at);
    const at = freeUnder(quantity, counted);
    if (at > free.at) free = { at, limit: `${quantity.count} (${name})` };
  }
  return free;
}

/** With `count` used, the window frees when the count-th newest leaves it. */
function freeUnder({ count, perMs }: Quantity, times: number[]): number {
  const newestFirst = times.sort((a, b) => b - a);
  const last = newestFirst[count - 1];
  return last === undefined ? -Infinity : last + perMs;
}

/** How far back `reached` has to go for these limits, in milliseconds. */
export function longestLimitMs(limits: ContactLimits): number {
  return Math.max(0, ...Object.values(limits).map(({ perMs }) => perMs));
}
