import {
  type DynamicModule,
  type FactoryProvider,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { type Adapter } from './adapters/adapter.js';
import { ApiDocument } from './api/api-document.js';
import { ContactsController } from './api/contacts.controller.js';
import { DeliveriesController } from './api/deliveries.controller.js';
import { DestinationsController } from './api/destinations.controller.js';
import { EventsController } from './api/events.controller.js';
import { FollowUpsController } from './api/follow-ups.controller.js';
import { HealthController } from './api/health.controller.js';
import { MetricsController } from './api/metrics.controller.js';
import { OpenApiController } from './api/open-api.controller.js';
import { ProcessesController } from './api/processes.controller.js';
import { RulesController } from './api/rules.controller.js';
import { ADMIN_API, STORE } from './api/tokens.js';
import { attachApi, attachHooks, keepOutOfPrefix, trimSlashes } from './attach.js';
import { type AcceptAnswer } from './intake/accept-event.js';
import { type Runtime, type RuntimeOptions, createRuntime } from './runtime.js';
import { type Role, does } from './domain/role.js';
import { Metrics } from './telemetry/metrics.js';

const OPTIONS = Symbol('aftercall.options');
const RUNTIME = Symbol('aftercall.runtime');
const ROUTES = Symbol('aftercall.routes');

/** What a host application says about Aftercall. */
export interface AftercallOptions {
  /** Folder of configuration files, or the same content as one object. Default `./config`. */
  config?: RuntimeOptions['config'];
  /** Destination kinds of the host's own. */
  destinations?: readonly Adapter[];
  /** Serves the console, once there is one. Default true. */
  console?: boolean;
  /** Level of the log on standard error. Default `info`. */
  logLevel?: RuntimeOptions['logLevel'];
  /** Process metrics beside our own on the metrics page. Default false. */
  processMetrics?: boolean;
}

/** Options that shape routes and are therefore needed before any provider exists. */
export interface AftercallRouteOptions {
  /** Path under which every route stands, whatever global prefix the host has. Default `/aftercall`. */
  mount?: string;
  /** Serves `<mount>/metrics`. Default true. */
  metrics?: boolean;
  /** Serves the admin API at `<mount>/api/v1`. Default true. */
  api?: boolean;
  /**
   * What this process does; `intake` serves the hooks alone, `api` the admin API alone, `worker` neither. Roles other
   * than `all` need `storage: postgres://…`. Default `all`.
   */
  role?: Role;
}

export interface AftercallAsyncOptions extends AftercallRouteOptions, Pick<ModuleMetadata, 'imports'> {
  inject?: FactoryProvider['inject'];
  useFactory: (...args: never[]) => AftercallOptions | Promise<AftercallOptions>;
}

/** What a host injects to hand over events without HTTP. */
@Injectable()
export class Aftercall implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(RUNTIME) readonly runtime: Runtime,
    @Inject(ROUTES) readonly routes: Required<AftercallRouteOptions>,
  ) {}

  /** Takes the bytes of one webhook of `source`; answers what HTTP would answer. */
  accept(source: string, bytes: Uint8Array): Promise<AcceptAnswer> {
    return this.runtime.acceptor.accept(source, bytes);
  }

  onApplicationBootstrap(): Promise<void> {
    return this.runtime.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.runtime.stop();
  }
}

/** Aftercall inside a NestJS application, on Fastify or Express. Adds no global guard, pipe, filter or prefix. */
@Module({})
export class AftercallModule {
  static forRoot(options: AftercallOptions & AftercallRouteOptions = {}): DynamicModule {
    return build(options, { provide: OPTIONS, useValue: options });
  }

  static forRootAsync(options: AftercallAsyncOptions): DynamicModule {
    const { inject, useFactory, imports } = options;
    return build(options, { provide: OPTIONS, inject, useFactory }, imports);
  }

  /**
   * Gives our routes readers of their own, on either platform, and keeps them out of the host's global
   * prefix. Call it after `setGlobalPrefix` and before `listen`.
   */
  static async attach(app: INestApplication): Promise<void> {
    const { routes, runtime } = app.get(Aftercall, { strict: false });
    keepOutOfPrefix(app, routes.mount);
    if (does(routes.role, 'intake')) await attachHooks(app, routes.mount, runtime.hooks);
    if (routes.api) attachApi(app, routes.mount, runtime.admin.adminToken);
    AftercallModule.describe(app);
  }

  /** Lets the OpenAPI document be built from this application, once somebody asks for it. */
  static describe(app: INestApplication): void {
    const { routes } = app.get(Aftercall, { strict: false });
    app.get(ApiDocument, { strict: false }).bind(app, AftercallModule, routes.mount);
  }
}

const API_CONTROLLERS = [
  EventsController,
  DeliveriesController,
  FollowUpsController,
  ContactsController,
  RulesController,
  DestinationsController,
  ProcessesController,
  OpenApiController,
];

function build(
  { mount: path = '/aftercall', metrics = true, api: wantsApi = true, role = 'all' }: AftercallRouteOptions,
  options: Provider,
  imports: ModuleMetadata['imports'] = [],
): DynamicModule {
  const mount = `/${trimSlashes(path)}`;
  const api = wantsApi && does(role, 'api');
  const atMount = mount === '/' ? [] : [RouterModule.register([{ path: mount, module: AftercallModule }])];
  return {
    module: AftercallModule,
    imports: [...imports, TerminusModule.forRoot({ logger: false }), ...atMount],
    controllers: [HealthController, ...(metrics ? [MetricsController] : []), ...(api ? API_CONTROLLERS : [])],
    providers: [
      options,
      { provide: ROUTES, useValue: { mount, metrics, api, role } },
      {
        provide: RUNTIME,
        inject: [OPTIONS],
        useFactory: (given: AftercallOptions) => startRuntime(given, role),
      },
      { provide: STORE, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.store },
      { provide: Metrics, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.metrics },
      { provide: ADMIN_API, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.admin },
      ApiDocument,
      Aftercall,
    ],
    exports: [Aftercall],
  };
}

function startRuntime(options: AftercallOptions, role: Role): Promise<Runtime> {
  const { config = './config', destinations, logLevel, processMetrics } = options;
  return createRuntime({ config, kinds: destinations, logLevel, processMetrics, role });
}
