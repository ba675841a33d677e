import { type Config } from '../config/config.js';

/** Where the server answers: `public_url`, or the address it listens on, as something one can open. */
export function baseUrl(server: Config['server'], port = server.port): string {
  return server.publicUrl?.replace(/\/+$/, '') ?? localUrl(server.host, port);
}

/** The address itself, whatever `public_url` says: for commands on the same machine. */
export function localUrl(host: string, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::';
  const name = isAny ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

export function hookUrl(base: string, source: string, token: string): string {
  return `${base}/hooks/${encodeURIComponent(source)}/${token}`;
}

/** Enough to tell two tokens apart, too little to use one. */
export function maskToken(token: string): string {
  return token.length < 16 ? '…' : `${token.slice(0, 4)}…`;
}
