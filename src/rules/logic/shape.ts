/** The operator of an object with one key; null for everything that stands for itself. */
export function operatorOf(rule: unknown): string | null {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return null;
  const keys = Object.keys(rule);
  return keys.length === 1 ? (keys[0] as string) : null;
}

/** `{"!": x}` is short for `{"!": [x]}`. */
export function operandsOf(rule: unknown, operator: string): unknown[] {
  const operands = (rule as Record<string, unknown>)[operator];
  return Array.isArray(operands) ? (operands as unknown[]) : [operands];
}

/** Where the operand stands below its operator, for messages: `[1]`, or nothing where no list was written. */
export function operandPath(rule: unknown, operator: string, index: number): string {
  return Array.isArray((rule as Record<string, unknown>)[operator]) ? `[${index}]` : '';
}
