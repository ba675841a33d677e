import { readFileSync } from 'node:fs';

/** Version of the package this file belongs to. */
export function version(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
