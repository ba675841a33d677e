/** Where and how to hand over mail. */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps:`); otherwise STARTTLS where the server offers it. */
  secure: boolean;
  /** Refuse to send where STARTTLS is not offered. */
  requireTls: boolean;
  /** False accepts any certificate, for a relay of one's own. */
  verifyCertificate: boolean;
  auth: { user: string; pass: string } | null;
  /** What we call ourselves in EHLO; null: this machine's name. */
  name: string | null;
}

const OPTIONS = ['requireTLS', 'tls.rejectUnauthorized', 'name'];
const EXPECTED = 'expected smtp://user:password@host:587 or smtps://user:password@host:465';

/**
 * Reads `smtp[s]://user:password@host:port?requireTLS=true&tls.rejectUnauthorized=false&name=me`.
 * User and password are percent-encoded. Default ports: 587 and 465.
 * @throws {Error} for anything else; the message never quotes the URL, which holds a password.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  if (!/^smtps?:\/\//i.test(text) || !URL.canParse(text)) throw new Error(`not an SMTP URL; ${EXPECTED}`);
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  const unknown = [...url.searchParams.keys()].find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined)
    throw new Error(`unknown option ${unknown} in the SMTP URL; known: ${OPTIONS.join(', ')}`);
  if (url.hostname === '') throw new Error(`no host in the SMTP URL; ${EXPECTED}`);
  return {
    host: hostOf(url),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTls: flag(url, 'requireTLS', false),
    verifyCertificate: flag(url, 'tls.rejectUnauthorized', true),
    auth: url.username === '' ? null : { user: decode(url.username), pass: decode(url.password) },
    name: url.searchParams.get('name'),
  };
}

/**
 * The host as an http URL would have it: without this `0x7f.1` and full-width digits would stay as written,
 * and how they are read would be up to the resolver.
 */
function hostOf({ hostname }: URL): string {
  const href = `http://${hostname}/`;
  if (!URL.canParse(href)) throw new Error(`the host of the SMTP URL cannot be read; ${EXPECTED}`);
  return new URL(href).hostname.replace(/^\[|\]$/g, '');
}

function flag(url: URL, name: string, byDefault: boolean): boolean {
  const value = url.searchParams.get(name);
  if (value === null) return byDefault;
  if (value !== 'true' && value !== 'false')
    throw new Error(`option ${name} of the SMTP URL must be true or false`);
  return value === 'true';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(
      'user and password in the SMTP URL must be percent-encoded (% as %25, @ as %40, / as %2F)',
    );
  }
}
