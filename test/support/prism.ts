import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createAddressGuard } from '../../src/egress/address-guard.js';
import { createHttpClient } from '../../src/egress/guarded-http-client.js';
import { type HttpClient, type HttpRequest, type HttpResponse } from '../../src/egress/http-client.js';
import { freePort } from './server-process.js';

/** Official OpenAPI files of vendors. They lie beside the project, which does not contain them. */
const SPECS = new URL('../../../shared/specs/', import.meta.url);
const require = createRequire(import.meta.url);
const PROGRAM = require.resolve('@stoplight/prism-cli/dist/index.js');

/** The first of the files that is not there, or null. */
export function missingSpec(files: string[]): string | null {
  return files.find((file) => !existsSync(new URL(file, SPECS))) ?? null;
}

/** A mock server of one specification, which refuses requests that do not fit it. */
export interface Prism {
  url: string;
  stop(): Promise<void>;
}

/** On a free port of 127.0.0.1; ready when this resolves. */
export async function startPrism(file: string): Promise<Prism> {
  const port = await freePort();
  const spec = fileURLToPath(new URL(file, SPECS));
  const args = [PROGRAM, 'mock', '--errors', '--host', '127.0.0.1', '--port', String(port), spec];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const endAtOnce = () => void server.kill('SIGKILL');
  process.once('exit', endAtOnce);
  await untilListening(server, file);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      process.off('exit', endAtOnce);
      if (server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    },
  };
}

/** Goes on reading afterwards: a pipe that is full would stop the server. */
async function untilListening(server: ChildProcess, file: string): Promise<void> {
  if (server.stdout === null) throw new Error('the mock server has no output');
  const lines = createInterface({ input: server.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => line.includes('Prism is listening') && resolve());
    server.once('exit', (code) => reject(new Error(`the mock server of ${file} ended with ${code}`)));
  });
}

/** Where requests below a path of the vendor go. */
export interface SpecRoute {
  /** Start of the path, as the adapter sends it. */
  path: string;
  /** What stands in its place in the specification. */
  specPath: string;
  prism: Prism;
}

export interface SpecClient extends HttpClient {
  /** `GET /persons/{id}`: every request so far, with ids, also those that the mock server makes up, as `{id}`. */
  used: string[];
  /** What the specification holds against the requests so far. */
  violations: string[];
  /** Asks for the answer of this status from now on where it fits; a body here replaces that of the mock server. */
  answerWith(find: (request: HttpRequest) => { status?: number; body?: string } | null): void;
  close(): void;
}

/** Sends over real HTTP to the mock servers; what none of them knows is answered with 404. */
export function createSpecClient(routes: () => SpecRoute[]): SpecClient {
  const http = createHttpClient(createAddressGuard(['127.0.0.1/32']));
  let find: Parameters<SpecClient['answerWith']>[0] = () => null;
  const [used, violations]: [string[], string[]] = [[], []];
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const { pathname, search } = new URL(request.url);
    const route = routes().find(({ path }) => pathname.startsWith(path));
    if (route === undefined) return { status: 404, headers: {}, body: '{}' };
    const path = route.specPath + pathname.slice(route.path.length);
    used.push(
      `${request.method} ${path.replace(/\/(\d+|string|CA\w+|\w+%40[\w.]+|%2B\d+)(?=\/|$)/g, '/{id}')}`,
    );
    const { status, body } = find(request) ?? {};
    const headers = { ...request.headers, ...(status !== undefined && { Prefer: `code=${status}` }) };
    const response = await http.send({ ...request, url: route.prism.url + path + search, headers });
    violations.push(...violationsIn(response));
    return body === undefined ? response : { ...response, body };
  };
  return { used, violations, send, answerWith: (next) => (find = next), close: () => http.close() };
}

interface Violation {
  location?: string[];
  message?: string;
}

interface Problem {
  title?: string;
  validation?: Violation[];
}

/**
 * What Prism finds wrong stands in a header beside the vendor's own error, or in a problem of Prism where the
 * specification has no such error. It also finds examples of the specification that do not fit it: not our concern.
 */
function violationsIn({ headers, body }: HttpResponse): string[] {
  const inHeader = JSON.parse(headers['sl-violations'] ?? '[]') as Violation[];
  const problem = body.includes('https://stoplight.io/prism/errors#') ? (JSON.parse(body) as Problem) : {};
  const found = [...inHeader, ...(problem.validation ?? [])];
  // A path or a credential that it does not know is no matter of a place.
  if (found.length === 0) return problem.title === undefined ? [] : [problem.title];
  return found.filter(({ location }) => location?.[0] !== 'response').map(wordsFor);
}

function wordsFor({ location = [], message = '' }: Violation): string {
  return `${location.join('.')} ${message}`;
}
