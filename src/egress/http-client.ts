/** One outgoing request. The guard checks the dialled address; redirects are never followed. */
export interface HttpRequest {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Total deadline: connecting, sending and reading the whole answer. */
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  /** Body as text, at most 1 MiB. */
  body: string;
}

/** Sends one request. Throws {@link EgressError} and nothing else. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>;
}

/**
 * `invalid_request`: the URL or a header cannot be sent at all; nothing was dialled. `offline`: our own network,
 * name service or proxy does not work; nothing was sent, and no destination is to blame.
 */
export type EgressFailure =
  | 'invalid_request'
  | 'address_forbidden'
  | 'offline'
  | 'dns'
  | 'tls'
  | 'connection'
  | 'timeout'
  | 'response_too_large';

/** A request that got no usable answer. `message` names the host at most, never path, query or credentials. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  constructor(
    readonly failure: EgressFailure,
    message: string,
    /** True when bytes may have reached the destination: the outcome is unknown. */
    readonly sent: boolean,
    /** HTTP status where an answer had begun, else null. */
    readonly status: number | null = null,
  ) {
    super(message);
  }
}
