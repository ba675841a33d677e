/** Stands for a field of a receipt where nothing is sent that could answer with one. */
export function expectedField(action: string, field: string): string {
  return `[actions.${action}.${field}]`;
}

/** A text that holds one. */
export const EXPECTED = /\[actions\.[\w-]+\.[\w-]+\]/;
