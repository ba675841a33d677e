import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { AftercallModule } from './aftercall.module.js';

function routesWith(options: Parameters<typeof AftercallModule.forRoot>[0]): string[] {
  const { controllers = [] } = AftercallModule.forRoot(options);
  return controllers.map((controller) => String(Reflect.getMetadata('path', controller)));
}

describe('AftercallModule', () => {
  it('serves the admin API and the page of numbers unless told otherwise', () => {
    const api = ['events', 'deliveries', 'destinations', 'processes']
      .map((name) => `api/v1/${name}`)
      .concat('api/v1');
    expect(routesWith({})).toEqual(['health', 'metrics', ...api]);
    expect(routesWith({ api: false })).toEqual(['health', 'metrics']);
    expect(routesWith({ api: false, metrics: false })).toEqual(['health']);
  });

  it('serves the admin API in the roles all and api alone', () => {
    const serves = (['all', 'intake', 'worker', 'api'] as const).map((role) =>
      routesWith({ role }).includes('api/v1/events'),
    );
    expect(serves).toEqual([true, false, false, true]);
  });

  it('registers nothing that reaches beyond its own routes', () => {
    const { providers = [] } = AftercallModule.forRoot();
    const names = providers.map((provider) =>
      'provide' in provider ? String(provider.provide) : provider.name,
    );
    expect(names.filter((name) => name.startsWith('APP_'))).toEqual([]);
  });
});
