import { type HttpSink, type SinkRequest, startHttpSink } from '../support/http-sink.js';
import { type Trial, createTrial } from './trial.js';

/** Longer than what routers take for one part of a path. */
export const LONG_TOKEN = 'long-token-'.repeat(40);

const HOT = { status: 'completed', 'extracted_variables.lead_quality': ['high', 'hot'] };

/** A server that takes calls, and the sink that its destinations lead to. */
export interface Intake {
  trial: Trial;
  sink: HttpSink;
  /** True once everything that follows from this call was delivered. */
  settled(callId: unknown): Promise<boolean>;
  /** What came to a path of the sink for this call. */
  requestsFor(callId: unknown, path: string): SinkRequest[];
  remove(): Promise<void>;
}

export async function startIntake(): Promise<Intake> {
  const sink = await startHttpSink();
  const trial = await createTrial();
  writeIntakeConfig(trial, sink.url);
  await trial.start();
  return {
    trial,
    sink,
    settled: async (callId) => (await deliveryStates(trial, callId)).every((state) => state === 'delivered'),
    requestsFor: (callId, path) =>
      sink.requests.filter((one) => one.path === path && one.body.includes(String(callId))),
    remove: async () => {
      await trial.remove();
      await sink.close();
    },
  };
}

async function deliveryStates(trial: Trial, callId: unknown): Promise<string[]> {
  const sql = 'select d.state from deliveries d join events e on d.event_id = e.id where e.call_id = ?';
  return (await trial.rows<{ state: string }>(sql, callId)).map(({ state }) => state);
}

/** One source per topic, so that calls of one test are no duplicates of another's. */
function writeIntakeConfig(trial: Trial, sinkUrl: string): void {
  const kind = 'autocalls';
  trial.write('aftercall.yaml', {
    sources: {
      calls: { kind, token: 'calls-token-0123456789' },
      fixtures: { kind, token: 'fixtures-token-0123456789' },
      long: { kind, token: LONG_TOKEN },
      rotating: { kind, token: ['old-token-0123456789', 'new-token-0123456789'] },
      fenced: { kind, token: 'fenced-token-0123456789', allow_ips: ['203.0.113.0/24'] },
      local: { kind, token: 'local-token-0123456789', allow_ips: ['127.0.0.0/8'] },
      flow: { kind, token: 'flow-token-0123456789', labels: { client: 'acme', assistant: 'none' } },
      desk: { kind, token: 'desk-token-0123456789' },
    },
    destinations: {
      screen: { kind: 'log' },
      sales: { kind: 'slack', webhook_url: `${sinkUrl}/slack` },
      raw: { kind: 'http', url: `${sinkUrl}/raw` },
      rendered: { kind: 'http', url: `${sinkUrl}/rendered` },
      crm: { kind: 'http', url: `${sinkUrl}/crm` },
    },
    egress: { allow: ['127.0.0.1/32'] },
  });
  trial.write('rules/fixtures.yaml', { defaults: { sources: ['fixtures'] }, rules: fixtureRules() });
  trial.write('rules/flow.yaml', { defaults: { sources: ['flow'] }, rules: flowRules() });
  trial.write('rules/desk.yaml', { defaults: { sources: ['desk'] }, rules: deskRules() });
}

function fixtureRules(): object {
  const then = [{ id: 'show', to: 'screen', with: { text: 'Call {{ id }}' } }];
  return {
    'hot-lead': { match: HOT, then },
    'cold-lead': { match: { 'extracted_variables.lead_quality': 'low' }, then },
    'call-back': { match: { 'extracted_variables.next_action': 'call_back' }, then },
    'not-reached': { match: { status: ['no-answer', 'busy'] }, then },
    'demo-campaign': { match: { 'campaign.name': 'Product Demo Campaign' }, then },
    'no-number': { match: { 'contact.phone': { exists: false } }, then },
  };
}

function flowRules(): object {
  const body = {
    id: '{{ id }}',
    assistant: '{{ labels.assistant }}',
    text: '#{{ id }} for {{ labels.client }}',
  };
  return {
    forward: { match: 'everything', then: [{ id: 'raw', to: 'raw' }] },
    rendered: { match: 'everything', then: [{ id: 'send', to: 'rendered', with: { body } }] },
    'assistant-17': {
      match: { 'labels.assistant': '17' },
      then: [{ id: 'raw', to: 'screen', with: { text: '17' } }],
    },
  };
}

function deskRules(): object {
  const text = 'Hot: {{ extracted_variables.summary }}';
  const then = [
    { id: 'tell', to: 'sales', with: { text } },
    { id: 'store', to: 'crm', with: { body: { summary: '{{ extracted_variables.summary }}' } } },
  ];
  return { 'hot-for-desk': { match: HOT, then } };
}
