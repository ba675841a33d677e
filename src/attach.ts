import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type INestApplication, RequestMethod } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { readApiBody } from './api/request-body.js';
import { type HookHandler } from './intake/hook-handler.js';

/**
 * Gives the hook routes their own reader on the host's HTTP server, whatever body parsers, limits and
 * prefix the host has: the request is taken over before any of them sees it. Must run before `listen`
 * (and, on Express, before `init`), because body parsers that were registered earlier would come first.
 */
export async function attachHooks(app: INestApplication, mount: string, hooks: HookHandler): Promise<void> {
  const adapter = app.getHttpAdapter();
  const bases = basesOf(app, mount);
  if (adapter.getType() === 'fastify')
    await attachToFastify(adapter.getInstance() as FastifyScope, bases, hooks);
  else app.use(expressMiddleware(bases, hooks));
}

/** Below the mount, and below the host's prefix and the mount. */
function basesOf(app: INestApplication, mount: string): string[] {
  const prefix = trimSlashes(app.get(ApplicationConfig).getGlobalPrefix());
  return [...new Set([trimSlashes(mount), [prefix, trimSlashes(mount)].filter(Boolean).join('/')])];
}

/**
 * Gives the admin API a reader of its own for bodies, before the host's parsers. Other routes are passed by.
 * The same order holds as for {@link attachHooks}.
 */
export function attachApi(app: INestApplication, mount: string, adminToken: () => string): void {
  const adapter = app.getHttpAdapter();
  const bases = basesOf(app, mount);
  if (adapter.getType() === 'fastify')
    (adapter.getInstance() as FastifyScope).addHook('onRequest', ({ raw }) =>
      readApiBody(raw, bases, adminToken),
    );
  else
    app.use((request: IncomingMessage, _response: ServerResponse, next: (error?: unknown) => void) => {
      readApiBody(request, bases, adminToken).then(() => next(), next);
    });
}

/**
 * Leaves the host's global prefix off our controllers, so that everything of ours stands under `mount`,
 * by the list that Nest keeps for `setGlobalPrefix(…, { exclude })`; the host's own entries stay.
 */
export function keepOutOfPrefix(app: INestApplication, mount: string): void {
  const config = app.get(ApplicationConfig);
  const path = trimSlashes(mount);
  const options = config.getGlobalPrefixOptions();
  const ours = {
    path,
    requestMethod: RequestMethod.ALL,
    pathRegex: new RegExp(`^/?${escapeRegExp(path)}(/|$)`),
  };
  if (path !== '') config.setGlobalPrefixOptions({ ...options, exclude: [...(options.exclude ?? []), ours] });
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The few parts of Fastify that are used here; Fastify itself is the host's, through its Nest adapter. */
interface FastifyScope {
  register(plugin: (scope: FastifyScope, options: unknown, done: () => void) => void): PromiseLike<unknown>;
  addHook(
    name: 'onRequest',
    hook: (request: { raw: IncomingMessage }, reply: FastifyReply) => Promise<void>,
  ): void;
  all(url: string, handler: (request: unknown, reply: FastifyReply) => void): void;
}

interface FastifyReply {
  raw: ServerResponse;
  hijack(): void;
}

/** An encapsulated plugin: its hook runs before parsing, for these routes only. */
async function attachToFastify(fastify: FastifyScope, bases: string[], hooks: HookHandler): Promise<void> {
  await fastify.register((scope, _options, done) => {
    scope.addHook('onRequest', (request, reply) => {
      if (takeHook(bases, hooks, request.raw, reply.raw)) reply.hijack();
      return Promise.resolve();
    });
    // A wildcard, because named parts of a path end at 100 characters, and a token may be longer.
    for (const base of bases) scope.all(`/${[base, 'hooks', '*'].filter(Boolean).join('/')}`, notFound);
    done();
  });
}

/** For addresses that the router takes for a hook's and we do not. */
function notFound(_request: unknown, reply: FastifyReply): void {
  reply.hijack();
  reply.raw.writeHead(404).end();
}

function expressMiddleware(bases: string[], hooks: HookHandler) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    if (!takeHook(bases, hooks, request, response)) next();
  };
}

/**
 * Hands a request for a hook to its handler; false for any other request. The stand-alone server asks
 * before its framework does anything, which saves a tenth of the work of taking a call in.
 */
export function takeHook(
  bases: readonly string[],
  hooks: HookHandler,
  request: IncomingMessage & { originalUrl?: string },
  response: ServerResponse,
): boolean {
  const route = routeOf(request.originalUrl ?? request.url ?? '', bases);
  if (route) void hooks.handle(request, response, route);
  return route !== null;
}

interface HookRoute {
  source: string;
  token: string | null;
  query: URLSearchParams;
}

/** `/<base>/hooks/<source>[/<token>]`, or null for any other path. */
export function routeOf(url: string, bases: readonly string[]): HookRoute | null {
  const [path = '', search = ''] = url.split('?', 2);
  for (const base of bases) {
    const start = `/${[base, 'hooks'].filter(Boolean).join('/')}/`;
    if (!path.startsWith(start)) continue;
    const [source = '', token, ...rest] = path.slice(start.length).split('/');
    if (source === '' || rest.some((part) => part !== '')) return null;
    return {
      source: decode(source),
      token: token ? decode(token) : null,
      query: new URLSearchParams(search),
    };
  }
  return null;
}

/** A broken escape is no reason to fail: it simply matches no token. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
