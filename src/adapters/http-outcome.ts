import { type AttemptOutcome, type FailureReason } from '../domain/attempt.js';
import {
  type EgressFailure,
  EgressError,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
} from '../egress/http-client.js';
import { redactEmails, redactPhones } from '../lib/redact.js';
import { retryAfterMs } from '../lib/retry-after.js';

const MAX_EXCERPT = 200;

/**
 * The one table from HTTP status to outcome, for 100 to 599. `now` is the time of the attempt, against
 * which a `Retry-After` date counts. Kinds whose 2xx may hide an error look into the body themselves.
 */
export function outcomeOfResponse(response: HttpResponse, now: number): AttemptOutcome {
  const { status } = response;
  if (status >= 200 && status < 300) return { outcome: 'delivered', httpStatus: status };
  const failed = { httpStatus: status, message: describeAnswer(response) };
  if (status < 200) return { outcome: 'unknown', reason: 'server_error', ...failed };
  if (status < 400)
    return { outcome: 'rejected', reason: 'redirect', ...failed, message: redirectMessage(status) };
  if (status === 401) return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  const reason = retryReason(status);
  if (reason === null) return { outcome: 'rejected', reason: 'client_error', ...failed };
  const afterMs = retryAfterMs(response.headers['retry-after'], now);
  return { outcome: 'retry', reason, ...failed, ...(afterMs !== null && { afterMs }) };
}

/** 408 and 425 are the server's word for "again, please", whatever their class. */
function retryReason(status: number): FailureReason | null {
  if (status === 429) return 'rate_limited';
  if (status === 408) return 'timeout';
  return status === 425 || status >= 500 ? 'server_error' : null;
}

function redirectMessage(status: number): string {
  return `HTTP ${status}: redirects are not followed; give the address it leads to`;
}

/** `HTTP 400: {"error":"…"}`: status and the start of the answer on one line, phones and addresses hidden. */
export function describeAnswer({ status, body }: HttpResponse): string {
  const excerpt = redactEmails(redactPhones(body.slice(0, 4 * MAX_EXCERPT).replace(/[\p{C}\s]+/gu, ' ')))
    .trim()
    .slice(0, MAX_EXCERPT)
    .replace(/[\ud800-\udbff]$/, '');
  return excerpt === '' ? `HTTP ${status}` : `HTTP ${status}: ${excerpt}`;
}

/** Our own stop while connecting is a `timeout` as well: nothing was sent, so it is simply tried again. */
const RETRIED: readonly EgressFailure[] = ['offline', 'dns', 'tls', 'connection', 'timeout'];

/**
 * What a request without a usable answer came to. Nothing sent: tried again, unless the address is forbidden
 * or the request itself impossible. Sent: unknown. An answer over 1 MiB is judged by its status; with 2xx it
 * is unknown too, for kinds that need the body ({@link judgeByStatus} does not).
 */
export function outcomeOfEgressError(error: EgressError, now: number): AttemptOutcome {
  const { failure, message, sent, status } = error;
  if (failure === 'invalid_request') return { outcome: 'rejected', reason: 'invalid_input', message };
  if (failure === 'response_too_large' && status !== null && status >= 300)
    return outcomeOfResponse({ status, headers: {}, body: message }, now);
  if (failure === 'address_forbidden') return { outcome: 'rejected', reason: 'address_forbidden', message };
  const outcome = !sent && RETRIED.includes(failure) ? 'retry' : 'unknown';
  return { outcome, reason: failure, message, ...(status !== null && { httpStatus: status }) };
}

/** Sends and judges by `judge`; every {@link EgressError} becomes an outcome, other errors are our own fault. */
export async function sendAndJudge(
  http: HttpClient,
  request: HttpRequest,
  now: number,
  judge: (response: HttpResponse) => AttemptOutcome = (response) => outcomeOfResponse(response, now),
): Promise<AttemptOutcome> {
  try {
    return judge(await http.send(request));
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    return outcomeOfEgressError(error, now);
  }
}

/** For destinations whose status says it all: a 2xx is a delivery however long the answer is. */
export async function judgeByStatus(
  http: HttpClient,
  request: HttpRequest,
  now: number,
  judge: (response: HttpResponse) => AttemptOutcome = (response) => outcomeOfResponse(response, now),
): Promise<AttemptOutcome> {
  try {
    return judge(await http.send(request));
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    const { failure, status } = error;
    const isOversizedYes =
      failure === 'response_too_large' && status !== null && status >= 200 && status < 300;
    return isOversizedYes ? { outcome: 'delivered', httpStatus: status } : outcomeOfEgressError(error, now);
  }
}
