const MAX_LABELS = 20;
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
/** No control characters and no lone surrogates, which databases refuse. */
const VALUE = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/** Labels are stored, shown and sent; a secret that strayed into the query must not become one. */
const SECRET = /token|secret|passw|api_?-?key|signature|credential/i;

/**
 * Labels given in the query of a hook's URL. What is no label (an odd name, an empty or overlong value, anything
 * beyond twenty) is left out; of a name given twice the last counts.
 */
export function labelsOf(query: URLSearchParams): Record<string, string> {
  const labels: Record<string, string> = {};
  let count = 0;
  for (const [name, value] of query) {
    if (!NAME.test(name) || SECRET.test(name) || name === '__proto__' || !VALUE.test(value)) continue;
    if (!Object.hasOwn(labels, name) && ++count > MAX_LABELS) break;
    labels[name] = value;
  }
  return labels;
}
