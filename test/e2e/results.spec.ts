import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type JsonObject } from '../../src/lib/json.js';
import { type ServedStandIn, serveStandIn } from '../support/stand-ins/serve.js';
import { standIn as hubspot } from '../support/stand-ins/hubspot.stand-in.js';
import { standIn as slack } from '../support/stand-ins/slack.stand-in.js';
import { freshCall, post } from './hook-client.js';
import { describe } from './pair.js';
import { type Trial, createTrial, until } from './trial.js';

const TOKEN = 'results-token-0123456789';
const ANN = '+4366411111111';

let trial: Trial;
let crm: ServedStandIn;
let team: ServedStandIn;

beforeEach(async () => {
  [crm, team] = await Promise.all([serveStandIn(hubspot.create()), serveStandIn(slack.create())]);
  trial = await createTrial();
  trial.write('aftercall.yaml', {
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: {
      crm: { kind: 'hubspot', ...hubspot.options(crm.url), retry: { waits: ['50ms'] } },
      team: { kind: 'slack', ...slack.options(team.url) },
    },
    egress: { allow: ['127.0.0.1/32'] },
  });
  trial.write('rules/rules.yaml', { rules: { log: { match: 'everything', then: ACTIONS } } });
});
afterEach(async () => {
  await trial.remove();
  await Promise.all([crm.close(), team.close()]);
});

const ACTIONS = [
  { id: 'person', to: 'crm', do: 'upsert_contact', with: { phone: '{{ customer_phone }}' } },
  {
    ...{ id: 'call', needs: ['person'], to: 'crm', do: 'log_call' },
    with: {
      contact: '{{ actions.person.id }}',
      title: 'Call {{ id }}',
      body: '{{ extracted_variables.summary }}',
      time: '{{ created_at }}',
    },
  },
  {
    ...{ id: 'tell', needs: ['person', 'call'], to: 'team' },
    with: { thread: 'contact', text: 'call {{ actions.call.id }} of contact {{ actions.person.id }}' },
  },
];

const send = (changes: JsonObject = {}) =>
  post(trial.hook('autocalls', TOKEN), freshCall({ customer_phone: ANN, ...changes }));

const messages = () => team.standIn.records('message') as { text: string; thread_ts?: string; ts: string }[];

async function untilStates(...states: string[]): Promise<void> {
  const wanted = JSON.stringify(states);
  const rows = () => trial.rows<{ state: string }>('select state from deliveries order by seq');
  await until(async () => JSON.stringify((await rows()).map(({ state }) => state)) === wanted);
}

describe('actions that need the results of others', () => {
  it('make one contact with two calls and one thread out of two calls of the same person', async () => {
    await trial.start();
    await Promise.all([send(), send()]);
    await until(() => messages().length === 2);
    expect(crm.standIn.records('upsert_contact')).toHaveLength(1);
    expect(crm.standIn.records('log_call')).toHaveLength(2);
    const [first, second] = messages();
    expect(first?.text).toMatch(/^call \S+ of contact \S+$/);
    expect([first?.thread_ts, second?.thread_ts]).toEqual([undefined, first?.ts]);
  });

  it('are skipped when what they need came to nothing, and come along when that is retried', async () => {
    await trial.start();
    crm.interfereWith((request) => (request.method === 'GET' ? null : hubspot.rejected.answer));
    await send();
    await untilStates('dead', 'skipped', 'skipped');
    const [dead] = await trial.rows<{ id: string }>("select id from deliveries where state = 'dead'");
    const shown = trial.run(['deliveries', 'list', '--url', trial.server.url], await adminToken());
    expect(shown.stdout).toContain('an action whose result it needs came to nothing: person is dead');
    crm.interfereWith(null);
    const retried = trial.run(
      ['deliveries', 'retry', String(dead?.id), '--url', trial.server.url],
      await adminToken(),
    );
    expect(retried).toMatchObject({ status: 0 });
    await untilStates('delivered', 'delivered', 'delivered');
    expect(messages()).toHaveLength(1);
  });

  it('wait through a kill of the server', async () => {
    await trial.start();
    crm.interfereWith(() => ({ status: 503, headers: { 'retry-after': '1' } }));
    await send();
    await until(async () => (await trial.rows<object>('select 1 from attempts')).length > 0);
    await trial.server.end('SIGKILL');
    crm.interfereWith(null);
    await trial.start();
    await untilStates('delivered', 'delivered', 'delivered');
    expect(crm.standIn.records('log_call')).toHaveLength(1);
    expect(messages()).toHaveLength(1);
  });
});

async function adminToken(): Promise<NodeJS.ProcessEnv> {
  const [row] = await trial.rows<{ value: string }>("select value from settings where key = 'admin.token'");
  return { AFTERCALL_ADMIN_TOKEN: row?.value };
}
