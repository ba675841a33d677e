import { type AddressInfo } from 'node:net';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Aftercall, AftercallModule, type AftercallOptions } from '../aftercall.module.js';
import { readApiBody } from '../api/request-body.js';
import { takeHook } from '../attach.js';
import { type Role, does } from '../domain/role.js';
import { type Runtime } from '../runtime.js';
import { NestLog } from '../telemetry/log.js';

/** A whole request must have come by then; 5 MiB within that time is 1.4 Mbit/s. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Longer than the 60 s after which load balancers drop idle connections, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** Requests under way get this long; what is left of the 20 s of a stop belongs to deliveries. */
const FINISH_REQUESTS_MS = 4_000;

const NOT_FOUND = {
  status: 'not_found',
  message: 'there is nothing at this address; `aftercall urls` prints those of the hooks',
};
const UNREADABLE_ADDRESS = { status: 'bad_request', message: 'this address cannot be read' };

export interface RunningServer {
  runtime: Runtime;
  /** The one it really listens on, also where 0 was asked for. */
  port: number;
  /** Takes nothing new, finishes or gives back what is under way. */
  stop(): Promise<void>;
}

export interface ServerOptions extends Pick<AftercallOptions, 'config' | 'logLevel'> {
  /** What this process does. Default: everything. */
  role?: Role;
  /** Default: the configured one. */
  port?: number;
}

/**
 * Starts the stand-alone server: Nest on Fastify, Aftercall at the top.
 * @throws {ConfigError} {@link StoreRefusedError} or the error of `listen`; nothing is left running then.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, logLevel, role } = options;
  const module = AftercallModule.forRoot({ config, logLevel, role, mount: '/', processMetrics: true });
  const first: { runtime?: Runtime } = {};
  const adapter = new DiscreetAdapter({
    serverFactory: (listener: RequestListener) => oursFirst(first, listener),
    frameworkErrors: (_error: unknown, _request: unknown, reply: Reply) =>
      refuse(reply, 400, UNREADABLE_ADDRESS),
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    abortOnError: false,
    // What goes wrong until the server listens is thrown, and printed once by whoever started it.
    logger: false,
  });
  try {
    const { runtime } = app.get(Aftercall);
    first.runtime = runtime;
    AftercallModule.describe(app);
    const server = await listen(app, runtime, options.port);
    app.useLogger(new NestLog(runtime.logger));
    return server;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** A server of our own needs no router for hooks, and none of Fastify's parsers: both are taken before it sees them. */
function oursFirst(first: { runtime?: Runtime }, listener: RequestListener): Server {
  return createServer((request, response) => {
    const { runtime } = first;
    if (!runtime) return listener(request, response);
    const isHook = does(runtime.role, 'intake') && takeHook([''], runtime.hooks, request, response);
    if (!isHook)
      void readApiBody(request, [''], runtime.admin.adminToken).then(() => listener(request, response));
  });
}

/** The usual answers to a wrong address repeat it, and one that is almost right holds a token. */
class DiscreetAdapter extends FastifyAdapter {
  override setNotFoundHandler(): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return super.setNotFoundHandler((_request: unknown, reply: Reply) => refuse(reply, 404, NOT_FOUND));
  }
}

interface Reply {
  raw: ServerResponse;
  hijack(): unknown;
}

function refuse(reply: Reply, httpStatus: number, body: { status: string; message: string }): void {
  reply.hijack();
  reply.raw.writeHead(httpStatus, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function listen(app: NestFastifyApplication, runtime: Runtime, port?: number): Promise<RunningServer> {
  const http: Server = app.getHttpServer();
  http.requestTimeout = REQUEST_TIMEOUT_MS;
  http.headersTimeout = HEADERS_TIMEOUT_MS;
  http.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  const { server } = runtime.live.current().config;
  await app.listen(port ?? server.port, server.host);
  const address = http.address() as AddressInfo;
  runtime.setOwnListener(address);
  return { runtime, port: address.port, stop: () => stop(app, http) };
}

async function stop(app: NestFastifyApplication, http: Server): Promise<void> {
  const cut = setTimeout(() => http.closeAllConnections(), FINISH_REQUESTS_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}
