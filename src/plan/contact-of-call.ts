import { type Call } from '../domain/event.js';
import { ownProperty } from '../lib/json.js';

/** The phone number of the contact of a call, or null. */
export function phoneOf(data: Call): string | null {
  const phone = ownProperty(data.contact, 'phone');
  return typeof phone === 'string' ? phone : null;
}
