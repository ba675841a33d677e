import { type Json, isJsonObject } from '../../lib/json.js';

/**
 * The URL of a request: the path of an action below that of the destination, its query after that of the
 * destination. The path comes percent-encoded where templates filled it in; scheme, host and port stay those
 * of the destination whatever it says.
 */
export function joinUrl(
  base: string,
  path: Json | undefined,
  query: Json | undefined,
): { ok: true; href: string } | { ok: false; problem: string } {
  const url = new URL(base);
  const problem = typeof path === 'string' ? pathProblem(path) : null;
  if (problem !== null) return { ok: false, problem };
  if (typeof path === 'string' && path.trim() !== '')
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path.trim().replace(/^\/+/, '')}`;
  for (const [name, value] of Object.entries(isJsonObject(query) ? query : {}))
    url.searchParams.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  return { ok: true, href: url.href };
}

/** What a URL parser would read as something else than a name below the destination's path. */
function pathProblem(path: string): string | null {
  if (/[\u0000-\u001f\u007f\\]/.test(path)) return 'path holds a backslash or a control character';
  if (/[?#]/.test(path)) return 'path holds ? or #; parameters belong into query';
  const climbs = path.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment.trim()));
  return climbs ? 'path holds a . or .. segment; it may only lead below the url of the destination' : null;
}
