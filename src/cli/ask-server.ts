import { CliError, EXIT, usageError } from './exit-codes.js';

export interface ServerRequest {
  method: 'GET' | 'POST';
  token: string;
  /** JSON text; left out for none. */
  body?: string;
  timeoutMs: number;
}

export interface ServerAnswer {
  ok: boolean;
  status: number;
  body: string;
}

/**
 * Asks a running server. The token goes in a header, which no access log keeps.
 * @throws {CliError} when there is no answer.
 */
export async function askServer(target: URL, request: ServerRequest): Promise<ServerAnswer> {
  const { method, token, body, timeoutMs } = request;
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(target, { method, headers, body, redirect: 'manual', signal });
    return { ok: answer.ok, status: answer.status, body: await answer.text() };
  } catch (error) {
    throw new CliError(
      EXIT.unreachable,
      `${target.origin} cannot be reached: ${causeOf(error, timeoutMs)}; is the server running?`,
    );
  }
}

/** An address below that of a server. @throws {CliError} when the server's is none. */
export function addressBelow(url: string, path: string): URL {
  const text = `${url.replace(/\/+$/, '')}${path}`;
  if (/^https?:\/\/[^@]*$/i.test(text) && URL.canParse(text)) return new URL(text);
  throw usageError(`${url} is no address; expected one such as http://127.0.0.1:3000`);
}

/** `fetch` hides the reason in its cause; the words of it name host and port at most. */
function causeOf(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const { message: reason, code } = (cause ?? {}) as { message?: string; code?: string };
  return reason || code || message;
}
