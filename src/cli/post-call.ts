import { addressBelow, askServer, type ServerAnswer } from './ask-server.js';

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

/**
 * Posts a call to the hook of a running server.
 * @throws {CliError} when there is no answer.
 */
export function postCall({ url, source, token, labels, body }: CallToPost): Promise<ServerAnswer> {
  const target = addressBelow(url, `/hooks/${encodeURIComponent(source)}`);
  for (const [name, value] of Object.entries(labels)) target.searchParams.set(name, value);
  return askServer(target, { method: 'POST', token, body, timeoutMs: TIMEOUT_MS });
}
