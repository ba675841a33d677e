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
import { HealthController } from './api/health.controller.js';
import { MetricsController } from './api/metrics.controller.js';
import { STORE } from './api/tokens.js';
import { attachHooks, keepOutOfPrefix, trimSlashes } from './attach.js';
import { type AcceptAnswer } from './intake/accept-event.js';
import { type Runtime, type RuntimeOptions, createRuntime } from './runtime.js';
import { Metrics } from './telemetry/metrics.js';

const OPTIONS = Symbol('aftercall.options');
const RUNTIME = Symbol('aftercall.runtime');
const MOUNT = Symbol('aftercall.mount');

/** What a host application says about Aftercall. */
export interface AftercallOptions {
  /** Folder of configuration files, or the same content as one object. Default `./config`. */
  config?: RuntimeOptions['config'];
  /** Destination kinds of the host's own. */
  destinations?: readonly Adapter[];
  /** Serves the admin API, once there is one. Default true. */
  api?: boolean;
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
    @Inject(MOUNT) readonly mount: string,
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
   * Gives the hook route its own raw reader, on either platform, and keeps our routes out of the host's
   * global prefix. Call it after `setGlobalPrefix` and before `listen`.
   */
  static async attach(app: INestApplication): Promise<void> {
    const { mount, runtime } = app.get(Aftercall, { strict: false });
    keepOutOfPrefix(app, mount);
    await attachHooks(app, mount, runtime.hooks);
  }
}

function build(
  routes: AftercallRouteOptions,
  options: Provider,
  imports: ModuleMetadata['imports'] = [],
): DynamicModule {
  const mount = `/${trimSlashes(routes.mount ?? '/aftercall')}`;
  const atMount = mount === '/' ? [] : [RouterModule.register([{ path: mount, module: AftercallModule }])];
  return {
    module: AftercallModule,
    imports: [...imports, TerminusModule.forRoot({ logger: false }), ...atMount],
    controllers: [HealthController, ...(routes.metrics === false ? [] : [MetricsController])],
    providers: [
      options,
      { provide: MOUNT, useValue: mount },
      { provide: RUNTIME, inject: [OPTIONS], useFactory: startRuntime },
      { provide: STORE, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.store },
      { provide: Metrics, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.metrics },
      Aftercall,
    ],
    exports: [Aftercall],
  };
}

function startRuntime(options: AftercallOptions): Promise<Runtime> {
  const { config = './config', destinations, logLevel, processMetrics } = options;
  return createRuntime({ config, kinds: destinations, logLevel, processMetrics });
}
