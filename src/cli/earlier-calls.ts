import { type LiveRuleSet } from '../config/live.js';
import { ORDINARY, type PlannedDelivery } from '../domain/delivery.js';
import { type EarlierDelivery, settleRevision } from '../domain/revision.js';
import { canonicalJson } from '../lib/json.js';
import { type Reading } from '../sources/source.js';
import { type SimulatedCall } from './simulated-call.js';
import { type SimulatedAction, simulateCall, type Simulation } from './simulation.js';

type ReadCall = Extract<Reading, { as: 'call' }>;

/**
 * A call after others: content seen before under its id does nothing (a duplicate), other content is a revision,
 * whose actions are settled with those of the earlier ones. Whatever was due by then counts as delivered.
 */
export function simulateAfter(
  live: LiveRuleSet,
  earlier: readonly SimulatedCall[],
  call: SimulatedCall,
): Simulation {
  const before = earlier.filter(({ reading }) => isSameCall(reading, call.reading));
  if (before.length === 0) return simulateCall(live, call, earlier);
  if (before.some(({ reading }) => contentOf(reading) === contentOf(call.reading)))
    return { event: simulateCall(live, call).event, decisions: [], actions: [] };
  const done: EarlierDelivery[] = [];
  for (const past of before) settle(live, done, simulateCall(live, past, earlier).actions);
  const simulation = simulateCall(live, { ...call, status: 'revision' }, earlier);
  return { ...simulation, actions: settle(live, done, simulation.actions) };
}

function isSameCall(a: Reading, b: Reading): boolean {
  return a.as === 'call' && b.as === 'call' && a.callId === b.callId && a.eventKind === b.eventKind;
}

function contentOf(reading: Reading): string {
  return canonicalJson((reading as ReadCall).content);
}

/** The actions that would really be planned; they are added to what is done. */
function settle(
  live: LiveRuleSet,
  done: EarlierDelivery[],
  actions: readonly SimulatedAction[],
): SimulatedAction[] {
  const planned = new Map(
    actions.map((action, i) => [asPlanned(live, action, `${done.length + i}`), action]),
  );
  const { insert } = settleRevision([...done], [...planned.keys()]);
  done.push(...insert.map(({ delivery, supersedes }) => asDone(delivery, supersedes)));
  return insert.flatMap(({ delivery }) => planned.get(delivery) ?? []);
}

function asPlanned(live: LiveRuleSet, action: SimulatedAction, id: string): PlannedDelivery {
  const { rule, action: name, to, kind, do: operation, state, reason, due_at } = action;
  const content = live.actions.get(`${rule}.${name}`)?.content;
  const { onRevision = 'refresh', ordered = false, needs = [] } = content ?? {};
  const dueAt = Date.parse(due_at);
  return {
    id,
    rule,
    action: name,
    destination: to,
    kind,
    operation,
    state,
    reason,
    dueAt,
    onRevision,
    ordered: ordered ?? false,
    input: null,
    needs,
    ...ORDINARY,
  };
}

function asDone({ state, ...delivery }: PlannedDelivery, supersedes: string | null): EarlierDelivery {
  const isSent = state === 'pending';
  return {
    ...delivery,
    supersedes,
    state: isSent ? 'delivered' : state,
    lastOutcome: isSent ? 'delivered' : null,
  };
}
