import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { isJsonObject, type JsonObject } from '../../src/lib/json.js';
import { standIn as autocalls } from '../support/stand-ins/autocalls.stand-in.js';
import { serveStandIn, type ServedStandIn } from '../support/stand-ins/serve.js';
import { type Clocked, startClocked } from './clocked.js';
import { freshCall, post, type SampleCall } from './hook-client.js';
import { describe, onSqlite } from './pair.js';
import { createTrial, type Trial, until } from './trial.js';

const TOKEN = 'follow-up-token-0123456';
const ANN = '+436641111111';
const HOURS = {
  ...{ allowed_hours_start_time: '09:00', allowed_hours_end_time: '17:00' },
  allowed_days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
};

let trial: Trial;
let dialer: ServedStandIn;
let server: Clocked;

beforeEach(async () => {
  dialer = await serveStandIn(autocalls.create());
  trial = await createTrial();
});
afterEach(async () => {
  await server.kill();
  await trial.remove();
  await dialer.close();
});

/** The program with a recipe, at a time of its own. */
async function startWith(recipe: string, at: string): Promise<void> {
  trial.write('aftercall.yaml', {
    sources: { autocalls: { kind: 'autocalls', token: TOKEN, timezone: 'Europe/Vienna' } },
    destinations: { dialer: { kind: 'autocalls', ...autocalls.options(dialer.url) } },
    egress: { allow: ['127.0.0.1/32'] },
  });
  trial.write('rules/recipe.yaml', readFileSync(`config/recipes/${recipe}.yaml`, 'utf8'));
  server = await startClocked(trial, at);
}

const send = (call: SampleCall) => post(server.hook('autocalls', TOKEN), call);

const missed = (more: object = {}) =>
  freshCall({
    ...{
      status: 'no-answer',
      duration: null,
      created_at: null,
      customer_phone: ANN,
      extracted_variables: {},
    },
    ...{ campaign: { id: 7, name: 'Spring', ...HOURS }, lead: null, input_variables: {}, ...more },
  });

/** Calls that were asked of the platform, the first one first. */
const made = () => dialer.standIn.records('call') as JsonObject[];

/** The webhook of the last of these calls, as the platform sends it when it has ended. */
function endOfCall(status: string): SampleCall {
  const { id = null, variables } = made().at(-1) ?? {};
  return missed({ id, status, campaign: null, input_variables: isJsonObject(variables) ? variables : {} });
}

const tries = () =>
  trial.rows<{ state: string; reason: string; due_at: number; try_number: number }>(
    "select state, reason, due_at, try_number from deliveries where action in ('again', 'call') order by seq",
  );
const latest = async () => (await tries()).at(-1);
const dueAt = async () => new Date(Number((await latest())?.due_at)).toISOString();
const settled = (count: number) => until(async () => (await tries()).length === count);

describe('missed-call recovery, at most three tries inside the hours of the campaign', () => {
  it('tries three times and no more, and its own calls do not start it anew', async () => {
    await startWith('missed-call-recovery', '2026-03-10T10:00:00+01:00');
    const { body } = await send(missed());
    expect(body.fired).toEqual(['missed-call']);
    expect(made()).toEqual([]);

    await server.pass(46 * 60_000);
    await until(() => made().length === 1);
    expect(made()[0]).toMatchObject({ client_phone_number: ANN, assistant_id: 17 });
    await settled(2);
    expect((await send(endOfCall('no-answer'))).body).toMatchObject({ status: 'accepted', fired: [] });

    await server.passUntil('2026-03-10T14:50:00+01:00');
    await until(() => made().length === 2);
    await settled(3);
    // Four hours later the campaign is closed: it waits for the next morning.
    expect(await dueAt()).toBe('2026-03-11T08:00:00.000Z');
    expect((await send(endOfCall('busy'))).body.fired).toEqual([]);
    await server.passUntil('2026-03-10T19:00:00+01:00');
    await server.passUntil('2026-03-11T09:01:00+01:00');
    await until(() => made().length === 3);

    await until(async () => (await latest())?.state === 'delivered');
    expect((await send(endOfCall('no-answer'))).body.fired).toEqual([]);
    await server.pass(3 * 86_400_000);
    expect(await tries()).toMatchObject([
      { state: 'delivered', try_number: 1 },
      { state: 'delivered', try_number: 2 },
      { state: 'delivered', try_number: 3 },
    ]);
    expect(made()).toHaveLength(3);
  });

  it('ends when somebody is reached', async () => {
    await startWith('missed-call-recovery', '2026-03-10T10:00:00+01:00');
    await send(missed());
    await server.pass(46 * 60_000);
    await settled(2);
    const { body } = await send(endOfCall('completed'));
    await until(async () => (await latest())?.state === 'canceled', 1_000);
    expect(await latest()).toMatchObject({ try_number: 2, reason: `later_call: ${String(body.event_id)}` });
    await server.pass(86_400_000);
    expect(made()).toHaveLength(1);
  });
});

onSqlite.describe('call back at the time asked for', () => {
  const asked = (at: string) =>
    missed({ status: 'completed', duration: 60, extracted_variables: { callback_at: at } });

  it('calls on the clock of the contact, once', async () => {
    await startWith('call-back-at-the-time-asked-for', '2026-03-10T10:00:00+01:00');
    await send({ ...asked('tomorrow at 5 pm'), created_at: '2026-03-10T08:58:00Z' });
    expect(await dueAt()).toBe('2026-03-11T16:00:00.000Z');
    await server.passUntil('2026-03-11T16:59:00+01:00');
    expect(made()).toEqual([]);
    await server.passUntil('2026-03-11T17:00:01+01:00');
    await until(() => made().length === 1);
    await until(async () => (await latest())?.state === 'delivered');
    expect((await send(endOfCall('completed'))).body.fired).toEqual([]);
  });

  it('waits for the hours in which people may be called', async () => {
    await startWith('call-back-at-the-time-asked-for', '2026-03-10T10:00:00+01:00');
    await send({ ...asked('tomorrow at 11 pm'), created_at: '2026-03-10T08:58:00Z' });
    await server.passUntil('2026-03-11T23:00:01+01:00');
    await until(async () => (await latest())?.reason.startsWith('quiet_hours') === true);
    expect((await latest())?.reason).toContain('2026-03-11 23:00 in Europe/Vienna, told by');
    expect(await dueAt()).toBe('2026-03-12T07:00:00.000Z');
    expect(made()).toEqual([]);
    await server.passUntil('2026-03-12T08:00:01+01:00');
    await until(() => made().length === 1);
  });
});
