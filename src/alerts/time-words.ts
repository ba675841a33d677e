/** `2025-01-15 10:30 UTC`: the same for everybody who reads it, wherever they are. */
export function timeWords(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
