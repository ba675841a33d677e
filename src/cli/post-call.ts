import { CliError, EXIT } from './exit-codes.js';

/** Longer than the server takes to store a call, even when its disk stalls for a while. */
const TIMEOUT_MS = 30_000;

export interface CallToPost {
  /** Address of the server. */
  url: string;
  source: string;
  token: string;
  labels: Record<string, string>;
  body: string;
}

export interface ServerAnswer {
  ok: boolean;
  status: number;
  body: string;
}

/**
 * Posts a call to the hook of a running server. The token goes in a header, which no access log keeps.
 * @throws {CliError} when there is no answer.
 */
export async function postCall({ url, source, token, labels, body }: CallToPost): Promise<ServerAnswer> {
  const target = hookOf(url, source, labels);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(target, { method: 'POST', headers, body, redirect: 'manual', signal });
    return { ok: answer.ok, status: answer.status, body: await answer.text() };
  } catch (error) {
    throw new CliError(
      EXIT.unreachable,
      `${target.origin} cannot be reached: ${causeOf(error)}; is the server running?`,
    );
  }
}

function hookOf(url: string, source: string, labels: Record<string, string>): URL {
  const base = url.replace(/\/+$/, '');
  try {
    const target = new URL(`${base}/hooks/${encodeURIComponent(source)}`);
    for (const [name, value] of Object.entries(labels)) target.searchParams.set(name, value);
    return target;
  } catch {
    throw new CliError(EXIT.usage, `${url} is no address; expected one such as http://127.0.0.1:3000`);
  }
}

/** `fetch` hides the reason in its cause; the words of it name host and port at most. */
function causeOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  const { message: reason, code } = (cause ?? {}) as { message?: string; code?: string };
  return reason || code || message;
}
