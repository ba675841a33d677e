import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import {
  EgressError,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
} from '../../../src/egress/http-client.js';
import { type Json } from '../../../src/lib/json.js';
import { type StandIn, type StandInAnswer, type StandInRequest } from './stand-in.js';

/** Decides what becomes of a request on its way: null lets it through, `lost` and `swallowed` give no answer. */
export type Interference = (request: StandInRequest) => StandInAnswer | 'lost' | 'swallowed' | null;

export interface ConnectedStandIn extends HttpClient {
  /** Every request so far. */
  requests: StandInRequest[];
  interfereWith(interference: Interference | null): void;
}

/** An HTTP client whose every request ends at the stand-in, without a network. */
export function connectTo(standIn: StandIn): ConnectedStandIn {
  let interference: Interference | null = null;
  const requests: StandInRequest[] = [];
  return {
    requests,
    interfereWith: (next) => (interference = next),
    send: (request) => {
      const read = readRequest(request);
      requests.push(read);
      const fate = interference?.(read) ?? null;
      if (fate === 'swallowed') standIn.handle(read);
      if (fate === 'lost' || fate === 'swallowed')
        return Promise.reject(new EgressError('timeout', 'no answer came', true));
      return Promise.resolve(toResponse(fate ?? standIn.handle(read)));
    },
  };
}

/** A stand-in behind a real server. */
export interface ServedStandIn {
  standIn: StandIn;
  url: string;
  /** Requests so far, in order. */
  requests: StandInRequest[];
  interfereWith(interference: Interference | null): void;
  close(): Promise<void>;
}

/** The same on a free port of 127.0.0.1. What gets no answer hangs until the other side ends it. */
export async function serveStandIn(standIn: StandIn): Promise<ServedStandIn> {
  let interference: Interference | null = null;
  const requests: StandInRequest[] = [];
  const answer = (request: StandInRequest): StandInAnswer | null => {
    requests.push(request);
    const fate = interference?.(request) ?? null;
    if (fate === 'swallowed') standIn.handle(request);
    return fate === 'lost' || fate === 'swallowed' ? null : (fate ?? standIn.handle(request));
  };
  const server = createServer((incoming, outgoing) => {
    void readText(incoming).then((body) => {
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      );
      const url = `http://127.0.0.1${incoming.url ?? '/'}`;
      const method = incoming.method ?? 'GET';
      const given = answer(readRequest({ method, url, headers, body, timeoutMs: 0 }));
      if (given === null) return;
      const response = toResponse(given);
      outgoing.writeHead(response.status, response.headers).end(response.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    standIn,
    requests,
    url: `http://127.0.0.1:${port}`,
    interfereWith: (next) => (interference = next),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function readRequest({ method, url, headers = {}, body = '' }: HttpRequest): StandInRequest {
  const { pathname: path, searchParams: query } = new URL(url);
  const text = typeof body === 'string' ? body : Buffer.from(body).toString();
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    ...{ method, path, query, body: text, json: readJson(text), form: new URLSearchParams(text) },
    headers: Object.fromEntries(lowerCase),
  };
}

function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function toResponse({ status = 200, headers = {}, body }: StandInAnswer): HttpResponse {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' || body === undefined ? 'text/plain' : 'application/json';
  return { status, headers: { 'content-type': type, ...headers }, body: text };
}
