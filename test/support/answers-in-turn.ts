import { readFileSync } from 'node:fs';
import { type HttpClient, type HttpRequest, type HttpResponse } from '../../src/egress/http-client.js';
import { type Json } from '../../src/lib/json.js';

/** An answer with the JSON of a recorded one, or of a value. */
export function jsonAnswer(
  status: number,
  body: Json | URL,
  headers: Record<string, string> = {},
): HttpResponse {
  const text = body instanceof URL ? readFileSync(body, 'utf8') : JSON.stringify(body);
  return { status, headers, body: text };
}

export interface SentJson {
  method: string;
  /** Path and query. */
  path: string;
  json: unknown;
}

/** A client that gives each request the next answer, the last one for ever, and keeps what it was sent. */
export function answersInTurn(
  ...answers: HttpResponse[]
): HttpClient & { requests: HttpRequest[]; sent(): SentJson[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    sent: () => requests.map(readSent),
    send: (request) => {
      requests.push(request);
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      return answer ? Promise.resolve(answer) : Promise.reject(new Error('no answer was prepared'));
    },
  };
}

function readSent({ method, url, body }: HttpRequest): SentJson {
  const { pathname, search } = new URL(url);
  return { method, path: pathname + search, json: body === undefined ? null : JSON.parse(String(body)) };
}
