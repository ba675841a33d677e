import { randomUUID } from 'node:crypto';
import { request as startRequest } from 'node:http';
import { type Adapter, type SendRequest } from '../../../src/adapters/adapter.js';
import { loadAdapters } from '../../../src/adapters/catalogue.js';
import { type AttemptOutcome } from '../../../src/domain/attempt.js';
import { type HttpClient, type HttpRequest, type HttpResponse } from '../../../src/egress/http-client.js';
import { type Control } from './plan.js';
import { type Trap } from './trap.js';

/** The built-in kinds under names of their own, sending through a client with traps. */
export async function struckKinds(trap: Trap, control: Control | undefined): Promise<Adapter[]> {
  const kinds = await loadAdapters();
  return ['http', 'slack', 'email'].map((kind) => {
    const real = kinds.get(kind);
    if (real === undefined) throw new Error(`there is no kind ${kind}`);
    return { ...real, kind: `struck-${kind}`, send: (request) => sendAs(control, trap, real, request) };
  });
}

async function sendAs(
  control: Control | undefined,
  trap: Trap,
  real: Adapter,
  request: SendRequest<Record<string, unknown>>,
): Promise<AttemptOutcome> {
  const idempotencyKey = control === 'fresh-key' ? randomUUID() : request.idempotencyKey;
  const http = struckClient(request.http, trap, control);
  const outcome = await real.send({ ...request, idempotencyKey, http });
  if (real.kind === 'email') trap.reach('answer');
  return outcomeAs(control, outcome);
}

function outcomeAs(control: Control | undefined, outcome: AttemptOutcome): AttemptOutcome {
  if (outcome.outcome === 'delivered') return outcome;
  if (control === 'no-retry') return { ...outcome, outcome: 'rejected' };
  // Without the destination's wish this is a failure like any other, tried again after the usual wait.
  if (control === 'ignore-retry-after') return { ...outcome, reason: 'server_error', afterMs: undefined };
  if (control === 'believe-answers' && saysYes(outcome)) return { outcome: 'delivered' };
  return outcome;
}

/** Any answer at all passes for a yes. */
function saysYes({ outcome, httpStatus }: AttemptOutcome): boolean {
  return outcome === 'rejected' || httpStatus === 200;
}

function struckClient(real: HttpClient, trap: Trap, control: Control | undefined): HttpClient {
  const send = clientAs(control, real);
  return {
    send: async (request) => {
      if (trap.isAt('send')) await sendHalf(request, trap);
      const response = await send(request);
      trap.reach('answer');
      return response;
    },
  };
}

function clientAs(control: Control | undefined, real: HttpClient): HttpClient['send'] {
  if (control === 'follow-redirects') return (request) => fetchAll(request, 'follow');
  if (control === 'no-limits') return (request) => fetchAll(request, 'manual');
  return (request) => real.send(request);
}

/** A client as it is easily written: no look at addresses, no limit in bytes, no deadline. */
async function fetchAll(request: HttpRequest, redirect: 'follow' | 'manual'): Promise<HttpResponse> {
  const { url, method, headers, body } = request;
  const response = await fetch(url, { method, headers, body: body && Buffer.from(body), redirect });
  const parts: Uint8Array[] = [];
  for await (const part of response.body ?? []) parts.push(part as Uint8Array);
  const text = Buffer.concat(parts.slice(0, 16)).toString('utf8');
  return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
}

/** Headers and half of the body are out when the trap is sprung; where it is not, the rest follows. */
function sendHalf({ url, method, headers, body = '' }: HttpRequest, trap: Trap): Promise<void> {
  const bytes = Buffer.from(body);
  return new Promise((resolve) => {
    const half = startRequest(url, { method, headers: { ...headers, 'content-length': bytes.length } });
    half.on('error', () => resolve());
    half.write(bytes.subarray(0, bytes.length / 2), () => {
      trap.reach('send');
      half.destroy();
      resolve();
    });
  });
}
