import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { apiClient } from '../support/api-client.js';
import { type InstalledPackage, installPackage } from '../support/installed-package.js';
import { freePort, startProgram } from '../support/server-process.js';
import { onSqlite } from './pair.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SAMPLE = readFileSync(join(ROOT, 'test/fixtures/autocalls/completed-campaign.json'));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

let installed: InstalledPackage;

beforeAll(() => {
  installed = installPackage(['@nestjs/config', '@nestjs/platform-express', '@types/node', 'typescript']);
});

afterAll(() => installed.remove());

function run(file: string, args: string[], cwd = installed.dir): string {
  return execFileSync(process.execPath, [file, ...args], { cwd, encoding: 'utf8' });
}

interface Manifest {
  bin: { aftercall: string };
  version: string;
}

// What is packed is the same whatever it runs on.
onSqlite.describe('the packed package, installed elsewhere', () => {
  it('has a bin that runs', () => {
    const home = join(installed.dir, 'node_modules/aftercall');
    const { bin, version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest;
    const program = join(home, bin.aftercall);
    expect(run(program, ['--version']).trim()).toBe(version);
    run(program, ['init', 'fresh']);
    expect(run(program, ['check', '--config', 'fresh'])).toContain('0 errors');
  });

  it('exports the logic and the module', () => {
    const script = join(installed.dir, 'use.mjs');
    const rule = JSON.stringify({ '<': [{ var: 'duration' }, 60] });
    const lines = [
      `import { compile, UNDECIDED } from 'aftercall/logic';`,
      `import { AftercallModule, defineAdapter } from 'aftercall';`,
      `const short = compile(${rule});`,
      `const asNull = compile(${rule}, { missing: 'as-null' });`,
      `const symbol = UNDECIDED === Symbol.for('aftercall.undecided');`,
      `const values = [short({ duration: 5 }), short({}) === UNDECIDED, symbol, asNull({})];`,
      `console.log(JSON.stringify([...values, typeof AftercallModule.forRoot, typeof defineAdapter]));`,
    ];
    writeFileSync(script, lines.join('\n'));
    expect(JSON.parse(run(script, []))).toEqual([true, true, true, true, 'function', 'function']);
  });

  it('ships types that a strict project compiles against', () => {
    const lines = [
      `import { compile, UNDECIDED } from 'aftercall/logic';`,
      `import { AftercallModule, type AftercallOptions } from 'aftercall';`,
      `const value: unknown = compile({ var: 'id' }, { missing: 'undecided' })({ id: 1 });`,
      `export const isUndecided: boolean = value === UNDECIDED;`,
      `const options: AftercallOptions = { config: './config' };`,
      `export const module = AftercallModule.forRoot({ ...options, mount: '/calls' });`,
    ];
    writeFileSync(join(installed.dir, 'use.ts'), lines.join('\n'));
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    expect(run(TSC, [...flags, '--moduleResolution', 'nodenext', 'use.ts'])).toBe('');
  });
});

onSqlite.describe.each(['fastify', 'express'])('examples/nest-host on %s, which keeps a file', (platform) => {
  it('builds, runs, and leaves the host as it was', async () => {
    const dir = join(installed.dir, `host-${platform}`);
    const filter = (path: string) => !/node_modules|dist|data$/.test(path);
    cpSync(join(ROOT, 'examples/nest-host'), dir, { recursive: true, filter });
    run(TSC, ['-p', '.'], dir);
    const host = await startProgram([join(dir, 'dist/main.js')], {
      cwd: dir,
      port: await freePort(),
      env: { PLATFORM: platform },
      readyPath: '/aftercall/health/live',
    });
    try {
      await useHost(host.url);
      await useAdminApi(host.url);
    } finally {
      await host.end();
    }
  });
});

async function useHost(url: string): Promise<void> {
  const hook = `${url}/aftercall/hooks/autocalls/host-example-token`;
  const large = JSON.stringify({ ...(JSON.parse(SAMPLE.toString()) as object), notes: 'x'.repeat(200_000) });
  const accepted = await post(hook, large);
  expect(accepted).toMatchObject({ status: 202, body: { status: 'accepted', fired: ['open-ticket'] } });
  expect(await post(hook, large, 'text/plain')).toMatchObject({ status: 200, body: { status: 'duplicate' } });
  expect((await post(`${url}/aftercall/hooks/autocalls/wrong-token`, large)).status).toBe(401);
  await expectTicket(url);
  expect((await post(`${url}/api/orders`, '{"a":1}')).body).toEqual({ received: { a: 1 } });
  expect((await post(`${url}/api/orders`, large)).status).toBe(413);
  expect((await fetch(`${url}/orders`)).status).toBe(404);
  expect((await fetch(`${url}/aftercall/health/ready`)).status).toBe(200);
  expect(await (await fetch(`${url}/aftercall/metrics`)).text()).toContain('aftercall_events_total');
  const imported = await post(`${url}/api/orders/import-call`, SAMPLE.toString());
  expect(imported.body).toMatchObject({ status: 'revision', fired: ['open-ticket'] });
}

/** The host's own destination kind gets the call. */
async function expectTicket(url: string): Promise<void> {
  const until = Date.now() + 10_000;
  let tickets: string[] = [];
  while (tickets.length === 0 && Date.now() < until) {
    tickets = ((await (await fetch(`${url}/api/orders`)).json()) as { tickets: string[] }).tickets;
  }
  expect(tickets).toEqual([
    expect.stringMatching(/^sales: Customer interested in product demo \(aftercall-.+\)$/),
  ]);
}

/** Under the mount, with readers of its own, and without a trace on the routes of the host. */
async function useAdminApi(url: string): Promise<void> {
  const api = apiClient(() => `${url}/aftercall/api/v1`, 'host-example-admin-token');
  const [delivery] = (await api.get('/deliveries?state=delivered&limit=1')).body.items;
  expect(delivery).toMatchObject({ destination: 'desk', kind: 'ticket' });
  expect((await api.post('/deliveries/retry')).body).toEqual({ count: 0 });
  expect((await api.post('/deliveries/retry', { rule: 'r' })).body).toEqual({ count: 0 });
  expect((await api.post('/deliveries/retry', { ruel: 'r' })).status).toBe(400);
  expect((await api.post(`/deliveries/${String(delivery?.id)}/retry`)).status).toBe(409);
  const long = { if_missing: 'omit', with: { subject: 'x'.repeat(200_000) } };
  expect((await api.post(`/deliveries/${String(delivery?.id)}/release`, long)).status).toBe(409);
  for (const [path, body, status] of [
    ['deliveries/retry', '', 401],
    ['events/replay', '{"__proto__":{}}', 401],
  ] as const)
    expect(await post(`${url}/aftercall/api/v1/${path}`, body)).toMatchObject({
      ...{ status, body: { status: 'unauthorized' } },
    });
  const paths = Object.keys((await api.document()).paths);
  expect(paths.every((path) => path.startsWith('/aftercall/api/v1/'))).toBe(true);
  expect(await post(`${url}/api/orders`, '{"a":1,"__unknown":2}')).toMatchObject({ status: 201 });
  expect((await fetch(`${url}/api/v1/events`)).status).toBe(404);
}

async function post(url: string, body: string, contentType = 'application/json') {
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': contentType } });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
}
