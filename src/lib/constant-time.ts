import { hash, timingSafeEqual } from 'node:crypto';

/** Says whether two secrets are equal, in a time that tells neither where they differ nor how long they are. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/**
 * Prepares a check against several secrets (two while one is being rotated). Every one is compared, whichever
 * matches. Empty secrets match nothing.
 */
export function secretMatcher(secrets: readonly string[]): (given: string) => boolean {
  const expected = secrets.filter((secret) => secret !== '').map(digest);
  return (given) => {
    const actual = digest(given);
    let matches = false;
    for (const one of expected) matches = timingSafeEqual(actual, one) || matches;
    return matches;
  };
}

/** Equal lengths, so that the comparison leaks none. */
function digest(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
