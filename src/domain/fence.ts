/**
 * A destination's fence (`only: { client: acme }`): true when one of its labels is missing on the
 * source or differs, so that nothing of another client ever gets there.
 */
export function fenceRefuses(only: Record<string, string> | null, labels: Record<string, string>): boolean {
  if (only === null) return false;
  return Object.entries(only).some(([label, value]) => labels[label] !== value);
}
