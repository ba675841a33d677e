import { type Config } from '../config/config.js';
import { contactKey } from '../domain/contact-list.js';
import { asPhone } from '../domain/contact.js';
import { DeskError } from './desk-error.js';

const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/**
 * Whom a person means, as the store knows them: a phone number as `+` and digits, or a mail address in lower case.
 * @throws {DeskError} for what is neither. The message never repeats it.
 */
export function readContact(written: string): string {
  const phone = asPhone(written, null);
  if (phone !== null) return phone;
  const address = contactKey(written);
  if (MAIL.test(address)) return address;
  throw new DeskError(
    'bad_request',
    'contact: expected a phone number with its country, such as +436641234567, or a mail address',
  );
}

/**
 * The client whose contact is meant: contacts of different clients never mix.
 * @throws {DeskError} where several clients are kept apart and none is named, or one is named and none are.
 */
export function readScope({ scopeLabel, sources }: Config, scope: string | undefined): string {
  if (scopeLabel === null) {
    if (scope === undefined || scope === '') return '';
    throw new DeskError(
      'bad_request',
      'scope: the configuration has no contacts.scope, so there is only one',
    );
  }
  if (scope !== undefined) return scope;
  const known = new Set([...sources.values()].flatMap(({ labels }) => labels[scopeLabel] ?? []));
  if (known.size === 0) return '';
  throw new DeskError(
    'bad_request',
    `scope: contacts.scope keeps clients apart by labels.${scopeLabel}; name one (--scope), such as ${[...known].join(', ')}`,
  );
}
