import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { AftercallModule } from './aftercall.module.js';

function routesWith(options: Parameters<typeof AftercallModule.forRoot>[0]): string[] {
  const { controllers = [] } = AftercallModule.forRoot(options);
  return controllers.map((controller) => String(Reflect.getMetadata('path', controller)));
}

describe('AftercallModule', () => {
  it('serves the admin API and the page of numbers unless told otherwise', () => {
    const names = ['events', 'deliveries', 'followups', 'rules', 'destinations', 'processes'];
    const routes = routesWith({});
    expect(routes.slice(0, 2)).toEqual(['health', 'metrics']);
    // Contacts with the list of stops, and the OpenAPI document, share the root.
    const api = [...names.map((name) => `api/v1/${name}`), 'api/v1', 'api/v1'];
    expect(routes.slice(2).sort()).toEqual(api.sort());
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
