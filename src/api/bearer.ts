import { secretMatcher } from '../lib/constant-time.js';

/** Whether an `Authorization` header holds the token. Takes as long for a wrong one as for the right one. */
export function isBearer(authorization: string | undefined, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  return secretMatcher([token])(given);
}
