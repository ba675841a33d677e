import { type Json, readPath } from '../lib/json.js';

/** The variable that carries the idempotency key of the delivery which caused a call or a lead, and comes back with the call. */
export const OWN_CALL_VARIABLE = 'aftercall_delivery';

/** Where the vendor sends it back: of calls we made, and of leads we made and it called. */
const PLACES = [`input_variables.${OWN_CALL_VARIABLE}`, `lead.variables.${OWN_CALL_VARIABLE}`];

const KEY = /^aftercall-([\w:.-]{1,200})$/;

/** The id of the delivery that caused a call, as the call carries it; null for a call that is not ours. */
export function causeOf(call: Json): string | null {
  for (const place of PLACES) {
    const value = readPath(call, place);
    const id = typeof value === 'string' ? KEY.exec(value.trim())?.[1] : undefined;
    if (id !== undefined) return id;
  }
  return null;
}

/** `on_own_calls` of a rule: calls that it caused never fire it again, or they count like any other. */
export type OnOwnCalls = 'ignore' | 'count';

/**
 * Whether a rule looks at a call. `causedBy` names the rules whose deliveries led to it, back to the original call;
 * empty for a call that is not ours.
 */
export function looksAt(
  rule: string,
  causedBy: readonly string[],
  onOwnCalls: OnOwnCalls = 'ignore',
): boolean {
  return onOwnCalls === 'count' || !causedBy.includes(rule);
}

export const DEFAULT_MAX_CHAIN = 3;

/**
 * Whether one more call may be caused by an original call, which led to `callsCaused` calls already, however and by
 * whichever rules. A refusal is worth an alert: rules chase each other.
 */
export function mayCauseCall(
  callsCaused: number,
  maxChain = DEFAULT_MAX_CHAIN,
): { is: 'go' } | { is: 'refused'; reason: `max_chain: ${string}` } {
  if (callsCaused < maxChain) return { is: 'go' };
  return { is: 'refused', reason: `max_chain: the original call caused ${callsCaused} calls already` };
}
