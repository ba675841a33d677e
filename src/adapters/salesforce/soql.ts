const ESCAPES: Record<string, string> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A text as SOQL writes it: in quotes, with nothing in it that ends them. */
export function soqlText(text: string): string {
  const escaped = text.replace(
    /[\\'"\p{Cc}\u2028\u2029]/gu,
    (mark) => ESCAPES[mark] ?? `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${escaped}'`;
}

/** A time is written without quotes. */
export function soqlTime(ms: number): string {
  return new Date(ms).toISOString();
}
