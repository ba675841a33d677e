import { type CompiledAction } from '../config/live.js';
import { type Decision } from '../domain/decision.js';
import { type StoredReason } from '../domain/delivery.js';
import { type Call } from '../domain/event.js';
import { type Condition } from '../rules/condition.js';

/** A call that came in after a follow-up of the same contact was planned. */
export interface LaterCall {
  eventId: string;
  data: Call;
  decisions: readonly Decision[];
}

/** One that cannot be evaluated on this call, e.g. for its size, takes nothing back and hinders no other. */
function holdsFor(condition: Condition | null, { data }: LaterCall): boolean {
  try {
    return condition?.test(data) === true;
  } catch {
    return false;
  }
}

/** Why a later call takes a follow-up back, or null. A condition that it leaves undecided takes nothing back. */
export function takesBack(
  { content, laterCall, until }: CompiledAction,
  call: LaterCall,
): StoredReason | null {
  // Once `until` of `call_tries` holds, there is nothing left to try.
  if (holdsFor(laterCall, call) || holdsFor(until, call)) return `later_call: ${call.eventId}`;
  const rule = content.cancelWhen?.ruleFired;
  const fired = call.decisions.some((one) => one.rule === rule && one.verdict === 'fired' && !one.shadow);
  return rule !== undefined && fired ? `rule_fired: ${rule} on ${call.eventId}` : null;
}
