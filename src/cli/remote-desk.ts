import { DeskError, type DeskStatus } from '../replay/desk-error.js';
import { type DeskMethods } from '../replay/desk.js';
import { type RemoteApi, remoteRooms } from './remote-rooms.js';
import { type Problem } from '../domain/event.js';
import { isJsonObject, ownProperty } from '../lib/json.js';
import { addressBelow, askServer, type ServerAnswer, type ServerRequest } from './ask-server.js';
import { CliError, EXIT, usageError } from './exit-codes.js';

/** A look-up is a matter of milliseconds, also on a slow disk. */
const TIMEOUT_MS = 30_000;

/** A bulk command answers when it is through; `fetch` itself waits no longer for an answer to begin. */
const BULK_TIMEOUT_MS = 300_000;

export interface RemoteServer {
  /** Address of the server, with the path it is mounted at. */
  url: string;
  adminToken: string;
}

/**
 * The desk of a running server, through its admin API.
 * Methods throw {@link DeskError} for what the server refuses and {@link CliError} when it cannot be reached.
 */
export function remoteDesk(server: RemoteServer): DeskMethods {
  const api = remoteApi(server);
  const { get, post, postMany } = api;
  return {
    ...remoteRooms(api),
    listEvents: (query) => get('/events', query),
    showEvent: (id) => get(`/events/${encodeURIComponent(id)}`),
    explain: (id, rule) => get(`/events/${encodeURIComponent(id)}/explain`, { rule }),
    replay: (id, options) => post(`/events/${encodeURIComponent(id)}/replay`, options),
    replayMany: (query, options = {}) => postMany('/events/replay', query, options),
    listDeliveries: (query) => get('/deliveries', query),
    showDelivery: (id) => get(`/deliveries/${encodeURIComponent(id)}`),
    retry: (id) => post(`/deliveries/${encodeURIComponent(id)}/retry`),
    release: (id, options) => post(`/deliveries/${encodeURIComponent(id)}/release`, options),
    cancel: (id) => post(`/deliveries/${encodeURIComponent(id)}/cancel`),
    retryMany: (query, options = {}) => postMany('/deliveries/retry', query, options),
    releaseMany: (query, options = {}) => postMany('/deliveries/release', query, options),
    cancelMany: (query, options = {}) => postMany('/deliveries/cancel', query, options),
  };
}

function remoteApi(server: RemoteServer): RemoteApi {
  const post = <T>(path: string, body: object = {}, timeoutMs = TIMEOUT_MS): Promise<T> =>
    askApi(server, path, { method: 'POST', body: JSON.stringify(body), timeoutMs });
  return {
    get: (path, query = {}) =>
      askApi(server, `${path}${queryString(query)}`, { method: 'GET', timeoutMs: TIMEOUT_MS }),
    post: (path, body) => post(path, body),
    postMany: (path, ...body) => post(path, Object.assign({}, ...body) as object, BULK_TIMEOUT_MS),
  };
}

type QueryValue = string | number | readonly string[] | undefined;

/** Lists are written as the name repeated. */
function queryString(query: object): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query as Record<string, QueryValue>))
    for (const each of [value ?? []].flat()) params.append(name, String(each));
  return params.size === 0 ? '' : `?${params.toString()}`;
}

/** Asks a route of the admin API. @throws {DeskError} {@link CliError} */
export async function askApi<T>(
  { url, adminToken }: RemoteServer,
  path: string,
  request: Omit<ServerRequest, 'token'>,
): Promise<T> {
  const target = addressBelow(url, `/api/v1${path}`);
  const answer = await askServer(target, { ...request, token: adminToken });
  const body = parse(answer.body);
  // Nothing of ours is an empty object, and there are servers that answer everything so.
  if (answer.ok && isJsonObject(body) && Object.keys(body).length > 0) return body as T;
  throw refusal(answer, body, target);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const DESK_STATUSES: readonly DeskStatus[] = ['not_found', 'conflict', 'bad_request', 'unreadable'];

function refusal({ status: httpStatus }: ServerAnswer, body: unknown, { origin }: URL): Error {
  const [status, message] = [ownProperty(body, 'status'), ownProperty(body, 'message')];
  if (typeof status !== 'string' || typeof message !== 'string')
    return new CliError(
      EXIT.unreachable,
      `${origin} answered ${httpStatus}, which is no answer of Aftercall's admin API; is the address right?`,
    );
  if (httpStatus === 401) return usageError(WRONG_TOKEN);
  const known = DESK_STATUSES.find((each) => each === status);
  if (known !== undefined) return new DeskError(known, message, problemsOf(body));
  const exitCode = httpStatus >= 500 ? EXIT.unreachable : EXIT.findings;
  return new CliError(exitCode, `${origin} answered ${httpStatus}: ${message}`);
}

function problemsOf(body: unknown): Problem[] {
  const problems = ownProperty(body, 'problems');
  return Array.isArray(problems) ? (problems as unknown as Problem[]) : [];
}

const WRONG_TOKEN =
  'the server does not accept this admin token; give the right one in AFTERCALL_ADMIN_TOKEN or with --token (`aftercall urls` prints it)';
