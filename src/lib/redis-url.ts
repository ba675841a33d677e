/** Where Redis answers, and under which names this installation's keys stand there. */
export interface RedisAddress {
  host: string;
  port: number;
  username?: string;
  password?: string;
  /** Number of the database. */
  db: number;
  isEncrypted: boolean;
  /** Every key begins with it and a colon. */
  prefix: string;
}

const DEFAULT_PREFIX = 'aftercall';
const FORM = 'redis://[user:password@]host[:port][/database][?prefix=name]';

/**
 * Reads `redis://…` or, encrypted, `rediss://…`.
 * @throws {Error} that says what was expected. It never quotes the URL, which may hold a password.
 */
export function readRedisUrl(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
    throw new Error(`this is no address of a Redis server; expected ${FORM}, or rediss:// with TLS`);
  const password = decode(url.password);
  const username = decode(url.username);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    db: readDatabase(url.pathname),
    isEncrypted: url.protocol === 'rediss:',
    prefix: readPrefix(url.searchParams),
  };
}

function readDatabase(pathname: string): number {
  const name = pathname.replace(/^\//, '');
  if (!/^\d{0,4}$/.test(name))
    throw new Error(`the path of the address is the number of a database; expected ${FORM}`);
  return Number(name);
}

function readPrefix(parameters: URLSearchParams): string {
  const unknown = [...parameters.keys()].find((name) => name !== 'prefix');
  if (unknown !== undefined)
    throw new Error(`unknown parameter ${JSON.stringify(unknown)} in the address; expected ${FORM}`);
  const prefix = parameters.get('prefix') ?? DEFAULT_PREFIX;
  if (prefix === '' || /[\s\p{C}]/u.test(prefix))
    throw new Error(
      `prefix ${JSON.stringify(prefix)} in the address; expected one word without spaces and control characters, like ?prefix=${DEFAULT_PREFIX}`,
    );
  return prefix;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('user or password in the address; expected a literal % to be written as %25');
  }
}
