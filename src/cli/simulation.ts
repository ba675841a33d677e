import { prepareDelivery } from '../adapters/prepare-delivery.js';
import { type LiveRuleSet } from '../config/live.js';
import { type Because, type Verdict } from '../domain/decision.js';
import { type PlannedDelivery } from '../domain/delivery.js';
import { type Call, type EventStatus } from '../domain/event.js';
import { withDigest } from '../plan/with-digest.js';
import { withExpectedReceipts } from '../plan/expected-receipts.js';
import { decideCall } from '../plan/plan-deliveries.js';
import { type JsonObject } from '../lib/json.js';
import { type Reading } from '../sources/source.js';
import { type SimulatedCall } from './simulated-call.js';
import { simulatedFacts } from './simulated-facts.js';

/** What would be decided and sent, in the very form that `simulate -o json` prints. */
export interface Simulation {
  event: { source: string; call_id: string | null; status: EventStatus };
  decisions: { rule: string; verdict: Verdict; shadow: boolean; because: Because[] }[];
  actions: SimulatedAction[];
}

export interface SimulatedAction {
  rule: string;
  action: string;
  /** Name of the destination; empty when a table led nowhere. */
  to: string;
  kind: string;
  do: string;
  state: PlannedDelivery['state'];
  /** ISO 8601 in UTC with milliseconds. */
  due_at: string;
  /** Rendered input; empty where nothing could be rendered. */
  with: JsonObject;
  reason: string | null;
}

/**
 * Decides a call and renders its actions as if all of them were looked at when they are due. Pure.
 * @param earlier calls before it, for what rules ask about the contact
 */
export function simulateCall(
  live: LiveRuleSet,
  call: SimulatedCall,
  earlier: readonly SimulatedCall[] = [],
): Simulation {
  const { source, reading, status } = call;
  const callId = reading.as === 'call' ? reading.callId : null;
  const event = { source: source.name, call_id: callId, status };
  if (reading.as === 'unreadable') return { event, decisions: [], actions: [] };
  const isTest = reading.as === 'test';
  const contactFacts = simulatedFacts(live, earlier, call);
  const decided = decideCall(live, { ...call, isTest, call: reading.call, contactFacts }, { all: true });
  const decisions = decided.decisions.map(({ rule, verdict, shadow, because }) => {
    return { rule, verdict, shadow, because: because.map(({ path, problem }) => ({ path, problem })) };
  });
  const actions = decided.deliveries.map((delivery) => simulateAction(live, delivery, decided.data, isTest));
  return { event, decisions, actions };
}

/** `accepted` or `test` for a call that comes in by itself; unreadable ones are kept in quarantine. */
export function statusOf(reading: Reading): EventStatus {
  if (reading.as === 'unreadable') return 'quarantined';
  return reading.as === 'test' ? 'test' : 'accepted';
}

function simulateAction(
  live: LiveRuleSet,
  planned: PlannedDelivery,
  data: Call,
  isTest: boolean,
): SimulatedAction {
  const { rule, action, destination: to, kind, operation, dueAt } = planned;
  const described = { rule, action, to, kind, do: operation };
  const outcome =
    planned.state === 'pending' ? gateAndRender(live, planned, data, isTest) : asPlanned(planned);
  const { state, reason } = outcome;
  return { ...described, state, due_at: new Date(dueAt).toISOString(), with: outcome.with, reason };
}

type Outcome = Pick<SimulatedAction, 'state' | 'with' | 'reason'>;

function asPlanned({ state, input, reason }: PlannedDelivery): Outcome {
  return { state, with: input === null ? {} : (JSON.parse(input) as JsonObject), reason };
}

/** The gates that stand right before the first attempt, then the text that all attempts send. */
function gateAndRender(live: LiveRuleSet, planned: PlannedDelivery, data: Call, isTest: boolean): Outcome {
  const compiled = live.actions.get(`${planned.rule}.${planned.action}`);
  const operation = live.config.destinations.get(planned.destination)?.operations[planned.operation];
  if (!compiled || !operation)
    return { state: 'held', with: {}, reason: `unknown_operation: ${planned.operation}` };
  const { content: action, onlyIf } = compiled;
  const prepared = prepareDelivery({
    ...{ action, onlyIf, operation, isTest, isPreview: true, templates: live.templates },
    data: withExpectedReceipts(live, planned.rule, planned.needs, action.digest ? withDigest(data) : data),
  });
  const reason = planned.needs.length > 0 ? `waits_for: ${planned.needs.join(', ')}` : planned.reason;
  if (prepared.state === 'ready') return { state: 'pending', with: prepared.input, reason };
  return { state: prepared.state, with: {}, reason: prepared.reason };
}
