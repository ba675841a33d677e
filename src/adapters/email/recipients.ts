import { parseMailAddress } from '../../egress/mail-address.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { isChosenByUs } from '../chosen-by-us.js';

/** Whom a mail to the contact reaches, without a name beside it: who asked not to be reached is known by the bare address. */
export function reachedBy({ to }: JsonObject): Json[] {
  if (typeof to !== 'string') return [to ?? null];
  const parsed = parseMailAddress(to);
  return [typeof parsed === 'string' ? to : parsed.address];
}

const FROM_THE_CALL =
  "comes from the call, and send passes no gate; use send_to_contact for mails to the contact, otherwise fixed text or one single {{ … | lookup: 'table' }}";

/** Nothing said in a call chooses who gets a mail past the gate, neither in `to` nor in `cc`. */
export function checkRecipients(content: JsonObject): { path: string; problem: string }[] {
  return (['to', 'cc'] as const).flatMap((field) => {
    const given = content[field];
    if (!Array.isArray(given)) return isFromCall(given) ? [{ path: field, problem: FROM_THE_CALL }] : [];
    return given.flatMap((entry, i) =>
      isFromCall(entry) ? [{ path: `${field}[${i}]`, problem: FROM_THE_CALL }] : [],
    );
  });
}

function isFromCall(written: Json | undefined): boolean {
  return typeof written === 'string' && !isChosenByUs(written);
}
