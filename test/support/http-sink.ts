import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/** One request as it arrived. Header names are in lower case; `time` is milliseconds since the epoch. */
export interface SinkRequest {
  method: string;
  /** Path without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  raw: Buffer;
  /** Body as text. */
  body: string;
  /** Body as JSON, or undefined where it is none. */
  json: unknown;
  time: number;
  /** Port of the sender: equal for requests over one connection. */
  senderPort: number;
}

/** How to answer. Without fields: 200 with body `ok`. */
export interface SinkAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Text, bytes, or a value that is sent as JSON. */
  body?: unknown;
  /** Waits before answering. */
  delayMs?: number;
  /** `before`: never answers; `after-headers`: sends status and headers, then nothing more. */
  hang?: 'before' | 'after-headers';
  /** Sends the body one byte at a time, this many milliseconds apart, without end. */
  dripMs?: number;
  /** Cuts the connection instead of answering, or after status, headers and half of the body. */
  reset?: boolean | 'mid-answer';
  /** Sends a body of this many bytes, as fast as it is read, in place of `body`. */
  bodyBytes?: number;
}

/** Chooses the answer to a request; `nth` counts the requests to its path from 1. `undefined`: 200. */
export type Responder = (request: SinkRequest, nth: number) => SinkAnswer | undefined;

export interface HttpSink {
  /** `http://127.0.0.1:port` */
  url: string;
  port: number;
  /** Every request that came whole, in order of arrival. */
  requests: SinkRequest[];
  /** Requests whose sender vanished before they were whole. */
  cutShort: number;
  /** Answers every path this way from now on. */
  respondWith(answer: SinkAnswer | Responder): void;
  /** Answers one path this way from now on; goes before {@link respondWith}. */
  respondAt(path: string, answer: SinkAnswer | Responder): void;
  /** Settles once this many requests have arrived; rejects after `withinMs` (default 10 s). */
  waitFor(count: number, withinMs?: number): Promise<SinkRequest[]>;
  /** Forgets requests and scripted answers. */
  reset(): void;
  /** Cuts open connections and stops listening. */
  close(): Promise<void>;
}

export interface HttpSinkOptions {
  port?: number;
  /** False where a responder notes what it needs: `requests` stays empty, however long a run is. Default true. */
  keep?: boolean;
}

/** An HTTP destination for tests, on a free port of 127.0.0.1 unless told otherwise. */
export async function startHttpSink(options: HttpSinkOptions = {}): Promise<HttpSink> {
  const sink = new Sink(options.keep ?? true);
  await sink.listen(options.port ?? 0);
  return sink;
}

class Sink implements HttpSink {
  readonly requests: SinkRequest[] = [];
  cutShort = 0;
  private readonly server = createServer((message, response) => void this.take(message, response));
  private readonly byPath = new Map<string, Responder>();
  private readonly counts = new Map<string, number>();
  private readonly waiting = new Set<() => void>();
  private everywhere: Responder = () => undefined;

  constructor(private readonly keep: boolean) {}

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  respondWith(answer: SinkAnswer | Responder): void {
    this.everywhere = asResponder(answer);
  }

  respondAt(path: string, answer: SinkAnswer | Responder): void {
    this.byPath.set(path, asResponder(answer));
  }

  waitFor(count: number, withinMs = 30_000): Promise<SinkRequest[]> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.requests.length < count) return;
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(this.requests);
      };
      const giveUp = () => {
        this.waiting.delete(look);
        reject(new Error(`expected ${count} requests within ${withinMs} ms, got ${this.requests.length}`));
      };
      const timer = setTimeout(giveUp, withinMs);
      this.waiting.add(look);
      look();
    });
  }

  reset(): void {
    this.requests.length = 0;
    this.cutShort = 0;
    this.counts.clear();
    this.byPath.clear();
    this.everywhere = () => undefined;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async take(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message).catch(() => null);
    if (request === null) return void (this.cutShort += 1);
    if (this.keep) this.requests.push(request);
    const nth = (this.counts.get(request.path) ?? 0) + 1;
    this.counts.set(request.path, nth);
    const respond = this.byPath.get(request.path) ?? this.everywhere;
    for (const look of this.waiting) look();
    await answer(response, respond(request, nth) ?? {});
  }
}

function asResponder(answer: SinkAnswer | Responder): Responder {
  return typeof answer === 'function' ? answer : () => answer;
}

async function readRequest(message: IncomingMessage): Promise<SinkRequest> {
  const time = Date.now();
  const senderPort = message.socket.remotePort ?? 0;
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const url = new URL(message.url ?? '/', 'http://sink');
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
  );
  const body = raw.toString('utf8');
  return {
    method: message.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers,
    raw,
    body,
    json: parseJson(body),
    senderPort,
    time,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function answer(response: ServerResponse, script: SinkAnswer): Promise<void> {
  if (script.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, script.delayMs));
  if (script.reset === true) return void response.socket?.resetAndDestroy();
  if (script.hang === 'before') return;
  response.writeHead(script.status ?? 200, script.headers);
  if (script.hang === 'after-headers') return response.flushHeaders();
  if (script.reset === 'mid-answer')
    return void response.write('half', () => response.socket?.resetAndDestroy());
  if (script.dripMs !== undefined) return drip(response, script.dripMs);
  if (script.bodyBytes !== undefined) return void Readable.from(zeros(script.bodyBytes)).pipe(response);
  response.end(bytesOf(script.body ?? 'ok'));
}

function drip(response: ServerResponse, everyMs: number): void {
  const timer = setInterval(() => response.write('.'), everyMs);
  response.on('close', () => clearInterval(timer));
}

function* zeros(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024, '0');
  for (let left = bytes; left > 0; left -= piece.length) yield piece;
}

function bytesOf(body: unknown): string | Buffer {
  return typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
}
