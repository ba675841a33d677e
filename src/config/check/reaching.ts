import { type Operation } from '../../adapters/adapter.js';
import { isChosenByUs } from '../../adapters/chosen-by-us.js';
import { type Json } from '../../lib/json.js';
import { type Path } from '../path.js';
import { type ActionFile } from '../schema/rule-file.js';
import { type ActionPlace } from './action-place.js';

/** An operation that an action may come to. */
export interface Target {
  operation: Operation;
  /** `send_sms (dialer)`, for messages. */
  words: string;
}

/** Whom an action reaches decides what may be said of it: `audience`, `call_tries` and `digest`. */
export function checkReaching(target: Target, action: ActionFile, place: ActionPlace): void {
  const { file, path, findings } = place;
  const { operation, words } = target;
  const refuse = (key: string, message: string) => findings.error(file, [...path, key], message, 'key');
  if (operation.audience === 'contact' && operation.reaches === undefined) {
    // A kind of a host application; what the gate does not know of must not go past it.
    const message = `${words} reaches contacts, but its kind does not say how; expected reaches: { channel } in its operation`;
    findings.error(file, [...path, 'to'], message);
  }
  if (action.audience !== undefined && operation.reaches === undefined)
    refuse('audience', `is for operations that call or text people, and ${words} does not; take it out`);
  if (action.call_tries !== undefined) checkTries(target, action, refuse);
  if (action.digest !== undefined && operation.reaches !== undefined && action.audience !== 'staff')
    refuse('digest', `tells of many calls at once, and ${words} reaches one contact; send it to colleagues`);
}

function checkTries(
  { operation, words }: Target,
  { audience }: ActionFile,
  refuse: (key: string, message: string) => void,
): void {
  if (operation.reaches?.channel !== 'call')
    refuse('call_tries', `is for operations that call, and ${words} does not; take it out`);
  else if (audience === 'staff')
    refuse(
      'call_tries',
      'ends with a later call of the contact, which a call to staff never is; take it out',
    );
}

/**
 * Staff pass no gate, so nothing that was said in a call may choose the number: it is written here, or in a table.
 * For content that fits its schema.
 */
export function checkStaff({ operation, words }: Target, action: ActionFile, place: ActionPlace): void {
  const { file, path, findings } = place;
  if (action.audience !== 'staff' || operation.reaches === undefined) return;
  const addresses = operation.reaches.addresses?.(action.with);
  if (addresses === undefined || addresses.length === 0) {
    const message = `cannot be staff: whom ${words} reaches does not stand in its with; expected contact`;
    findings.error(file, [...path, 'audience'], message);
    return;
  }
  for (const address of addresses.flat()) {
    if (isChosenByUs(address)) continue;
    const at = pathTo(action.with, address) ?? [];
    findings.error(file, [...path, 'with', ...at], NOT_CHOSEN_BY_US);
  }
}

const NOT_CHOSEN_BY_US =
  "is for staff, so it must not come from the call; expected fixed text, or one single {{ … | lookup: 'table' }}";

/** Operations tell addresses, not where they stand. */
function pathTo(value: Json, wanted: Json, path: Path = []): Path | null {
  if (value === wanted) return path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = pathTo(inner, wanted, [...path, Array.isArray(value) ? Number(key) : key]);
    if (found !== null) return found;
  }
  return null;
}
