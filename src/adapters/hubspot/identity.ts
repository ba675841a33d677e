import { type JsonObject } from '../../lib/json.js';
import { refuse } from '../exchange.js';

/** What tells one person from another. At least one of both is given. */
export interface Identity {
  email: string | null;
  phone: string | null;
}

const EMAIL = /^[^\s@<>"(),:;\\\p{C}]{1,64}@[^\s@<>"(),:;\\\p{C}]+\.[^\s@<>"(),:;\\\p{C}.]+$/u;

export function identityOf({ email, phone }: JsonObject): Identity {
  const address = typeof email === 'string' ? email.trim().toLowerCase() : '';
  if (address !== '' && !EMAIL.test(address)) refuse('email is no e-mail address');
  const number = typeof phone === 'string' && phone !== '' ? phone : null;
  if (address === '' && number === null) refuse('neither email nor phone is given');
  return { email: address || null, phone: number };
}

/** HubSpot's search shows a new contact some seconds late; what we made ourselves is known at once. */
export function contactLink(phone: string): string {
  return `contact ${phone}`;
}
