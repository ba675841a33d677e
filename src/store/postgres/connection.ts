import pg from 'pg';

const BIGINT = 20;

/** Times and counts are far below 2^53. */
const types = new pg.TypeOverrides();
types.setTypeParser(BIGINT, Number);

/** How long a server that does not answer is waited for. */
const CONNECT_MS = 5_000;
/** Longer than any statement of ours should take; a list over ten million rows may take a second. */
const STATEMENT_MS = 30_000;
/** Another process holds what a write needs; it ends its own transaction within milliseconds, or is ended. */
const LOCK_MS = 3_000;
/** A process that was stopped inside a transaction must not keep its locks. */
const IDLE_IN_TRANSACTION_MS = 5_000;

export interface ConnectionOptions {
  /** `postgres://user:pass@host:port/database?sslmode=…`. */
  url: string;
  /** Refuses everything that writes. */
  readOnly?: boolean;
}

/** What a client or a pool of ours is made from. */
export function clientConfig({ url, readOnly = false }: ConnectionOptions): pg.PoolConfig {
  const settings = [
    `statement_timeout=${STATEMENT_MS}`,
    `lock_timeout=${LOCK_MS}`,
    `idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS}`,
    ...(readOnly ? ['default_transaction_read_only=on'] : []),
  ];
  return {
    connectionString: url,
    types,
    application_name: 'aftercall',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    options: settings.map((setting) => `-c ${setting}`).join(' '),
  };
}

/** Where it is, for a person: no user, no password, no options. */
export function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `postgres://${host}${pathname}`;
  } catch {
    return 'postgres://…';
  }
}
