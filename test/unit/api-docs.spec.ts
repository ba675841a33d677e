import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { RequestMethod } from '@nestjs/common';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { AftercallModule } from '../../src/aftercall.module.js';
import { SCHEMAS } from '../../src/api/schemas.js';
import { blocksOf, readPage } from './doc-examples.js';

/** In the info of a block: the form of answer that it shows. */
const SCHEMA = 'schema=';

const page = readPage('docs/reference/api.md');

/** `GET /events/{}` and so on: every route of the admin API, read from its controllers. */
function routes(): string[] {
  const { controllers = [] } = AftercallModule.forRoot();
  return controllers.flatMap((controller) => {
    const base = String(Reflect.getMetadata('path', controller));
    const handlers = Object.values(Object.getOwnPropertyDescriptors(controller.prototype)).map(
      ({ value }) => value as object,
    );
    return base.startsWith('api/v1') ? handlers.flatMap((handler) => routeOf(base, handler)) : [];
  });
}

function routeOf(base: string, handler: object): string[] {
  const method = Reflect.getMetadata('method', handler) as RequestMethod | undefined;
  if (method === undefined) return [];
  const path = `/${base}/${String(Reflect.getMetadata('path', handler))}`.replace(/\/+$/, '');
  return [`${RequestMethod[method]} ${path.replace('/api/v1', '').replace(/:\w+/g, '{}')}`];
}

/** What the page asks for with curl, in the same form. */
function asked(): string[] {
  const lines = blocksOf(page, 'sh').flatMap(({ text }) => text.split('\n'));
  return lines.flatMap((line) => {
    const [, path] = /\$API(\/[^\s"?]+)/.exec(line) ?? [];
    if (path === undefined) return [];
    const general = path.replace(/\$[A-Z]+/, '{}').replace(/^\/destinations\/[^/]+/, '/destinations/{}');
    return [`${line.includes('-X POST') ? 'POST' : 'GET'} ${general}`];
  });
}

describe('docs/reference/api.md', () => {
  it('shows a curl for every route, and for no other', () => {
    expect([...new Set(asked())].sort()).toEqual(routes().sort());
  });

  it('gives every curl the token', () => {
    const lines = blocksOf(page, 'sh').flatMap(({ text }) => text.split('\n'));
    for (const line of lines.filter((each) => each.startsWith('curl')))
      expect(line).toContain('-H "Authorization: Bearer $TOKEN"');
  });

  it('shows bodies that are JSON', () => {
    const lines = blocksOf(page, 'sh').flatMap(({ text }) => text.split('\n'));
    const bodies = lines.flatMap((line) => /-d '(.*)'$/.exec(line)?.[1] ?? []);
    expect(bodies.length).toBeGreaterThan(4);
    for (const body of bodies) expect(() => JSON.parse(body) as unknown).not.toThrow();
  });

  it.each(blocksOf(page, 'json').map(({ line, info, text }) => [line, info, text] as const))(
    'line %i: shows an answer as it is given',
    (_line, info, text) => {
      const ajv = new Ajv2020({ strict: false, validateFormats: false });
      ajv.addSchema({ $id: 'api', components: { schemas: SCHEMAS } });
      expect(info).toMatch(/^schema=\w+$/);
      ajv.validate(`api#/components/schemas/${info.slice(SCHEMA.length)}`, JSON.parse(text));
      expect(ajv.errors ?? []).toEqual([]);
    },
  );
});
