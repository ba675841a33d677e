import { type AttemptOutcome } from '../domain/attempt.js';
import { type Inspection, type InspectRequest } from './adapter.js';
import { type Api, type ApiAnswer, type ApiRequest, endOf, makeAttempt } from './exchange.js';

/** Asks an API by reading. */
export interface Inspector {
  /** Ends the inspection where the answer is no success: that is the problem. */
  read(request: ApiRequest): Promise<ApiAnswer>;
  /** Null where it is no success: what may not be read is no problem. */
  tryToRead(request: ApiRequest): Promise<ApiAnswer | null>;
}

/** Inspects a destination by steps that only read; a refusal of the credentials or no answer is its one problem. */
export async function inspectWith(
  request: InspectRequest,
  api: Api,
  steps: (inspector: Inspector) => Promise<Inspection>,
): Promise<Inspection> {
  let inspection: Inspection = { account: null, problems: [] };
  const outcome = await makeAttempt(asAttempt(request), api, async (exchange) => {
    inspection = await steps({
      read: (asked) => exchange.read(asked),
      tryToRead: async (asked) => {
        const answer = await exchange.read({ ...asked, accept: ANY_REFUSAL }).catch(ignoreEnd);
        return answer !== null && answer.status < 300 ? answer : null;
      },
    });
    return {};
  });
  if (outcome.outcome === 'delivered') return inspection;
  return { account: null, problems: [{ use: null, path: '', problem: wordsFor(outcome) }] };
}

const ANY_REFUSAL = [400, 401, 402, 403, 404, 405, 409, 410, 422, 429];

/** What ends an attempt is no answer to this question; what is broken must be heard of. */
function ignoreEnd(error: unknown): null {
  if (endOf(error) !== null) return null;
  throw error;
}

function wordsFor({ outcome, reason, message }: Exclude<AttemptOutcome, { outcome: 'delivered' }>): string {
  const what = outcome === 'unauthorized' ? 'refuses the credentials' : 'could not be asked';
  return `${what}: ${message ?? reason}`;
}

/** Nothing is delivered: only the way to the vendor is the same. */
function asAttempt({
  options,
  http,
  mail,
  timeoutMs,
  signal,
  now,
}: InspectRequest): Parameters<typeof makeAttempt>[0] {
  return {
    ...{ options, http, mail, timeoutMs, signal, now },
    ...{
      operation: '',
      input: {},
      destination: '',
      idempotencyKey: '',
      progress: null,
      mayHaveArrived: false,
      isReleased: false,
    },
    links: { find: () => Promise.resolve(null) },
    call: { source: '', id: null, contact: null, action: '' },
    event: { id: '', status: 'accepted', raw: new Uint8Array(), contentType: null },
    print: () => undefined,
    kinds: new Map(),
  };
}
