/** Shorter values (`true`, `25`) are no secrets worth hiding, and hiding them would make logs unreadable. */
const MIN_SECRET_LENGTH = 4;

/**
 * The text with every secret replaced by `[secret]`, also where it stands JSON-escaped or
 * percent-encoded. Longer secrets go first, so that one that contains another leaves nothing behind.
 */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  let redacted = text;
  for (const spelling of spellingsOf(secrets)) {
    if (redacted.includes(spelling)) redacted = redacted.replaceAll(spelling, '[secret]');
  }
  return redacted;
}

let lastSecrets: readonly string[] | null = null;
let lastSpellings: readonly string[] = [];

/** Kept for the last list seen: the log calls this for each of its lines with the same one. */
function spellingsOf(secrets: readonly string[]): readonly string[] {
  if (secrets === lastSecrets) return lastSpellings;
  const spellings = secrets
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), percentEncoded(secret)]);
  lastSecrets = secrets;
  lastSpellings = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  return lastSpellings;
}

/** Lone surrogates, which `encodeURIComponent` throws on, have no percent-encoding: nothing to look for. */
function percentEncoded(secret: string): string {
  return /\p{Surrogate}/u.test(secret) ? secret : encodeURIComponent(secret);
}

/** `+49 170 1234567` -> `+…67`: a number stays recognisable to those who know it, and to nobody else. */
export function redactPhones(text: string): string {
  return text.replace(/\+\d(?:[ ().\u00a0-]{0,2}\d){6,14}/g, (phone) => `+…${phone.slice(-2)}`);
}

/** `jane.doe@example.com` -> `…@example.com`: the domain is what a person needs to find the trouble. */
export function redactEmails(text: string): string {
  return text.replace(/[^\s<>@"'(),:;]+@(?=[^\s<>@"'(),:;]+)/g, '…@');
}
