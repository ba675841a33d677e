import { type Adapter } from '../adapters/adapter.js';
import { type Prepared, prepareDelivery } from '../adapters/prepare-delivery.js';
import { type DestinationConfig } from '../config/config.js';
import { type LiveConfig } from '../config/live.js';
import { type AttemptOutcome } from '../domain/attempt.js';
import { type Delivery, idempotencyKeyOf } from '../domain/delivery.js';
import { fenceRefuses } from '../domain/fence.js';
import { type HttpClient } from '../egress/http-client.js';
import { type MailClient } from '../egress/mail-client.js';
import { type Clock } from '../lib/clock.js';
import { type Json, type JsonObject } from '../lib/json.js';
import { type ClaimedDelivery, type Store } from '../store/store.js';
import { readStoredCall } from '../plan/read-stored-call.js';
import { type RuleSetCache } from '../plan/rule-set-cache.js';

/** What sending needs from the outside; one per process. */
export interface SendTools {
  store: Store;
  live: LiveConfig;
  ruleSets: RuleSetCache;
  http: HttpClient;
  mail: MailClient;
  clock: Clock;
  kinds: ReadonlyMap<string, Adapter>;
  print: (line: string) => void;
}

/** A gate's answer: the delivery goes on with its input, or ends here in another state. */
export type Gated =
  | { state: 'ready'; destination: DestinationConfig; input: JsonObject }
  | { state: 'skipped' | 'held'; reason: string }
  | { state: 'pending'; reason: string }
  /** Somebody else holds the delivery by now. */
  | { state: 'lost' };

/**
 * Gates in order: is the destination there, may this client's calls reach it, does `only_if` hold; then
 * the input is rendered, once, and stored before anything is sent, so that every attempt sends the same.
 */
export async function passGates(tools: SendTools, claimed: ClaimedDelivery): Promise<Gated> {
  const { delivery, event } = claimed;
  const destination = tools.live.current().config.destinations.get(delivery.destination);
  if (!destination) return { state: 'held', reason: 'destination_gone' };
  if (!destination.enabled) return { state: 'pending', reason: 'destination_disabled' };
  if (fenceRefuses(destination.only, event.labels)) return { state: 'skipped', reason: 'fenced' };
  if (delivery.input !== null)
    return { state: 'ready', destination, input: JSON.parse(delivery.input) as JsonObject };
  const prepared = await prepare(tools, claimed, destination);
  if (prepared.state !== 'ready') return prepared;
  return keepInput(tools, delivery, destination, prepared.input);
}

async function prepare(
  tools: SendTools,
  { delivery, event, raw }: ClaimedDelivery,
  destination: DestinationConfig,
): Promise<Prepared> {
  const ruleSet = await tools.ruleSets.find(delivery.ruleSet);
  const action = ruleSet?.actions.get(`${delivery.rule}.${delivery.action}`);
  const operation = destination.operations[delivery.operation];
  const data = readStoredCall(tools.live.current().config, event, raw);
  if (!ruleSet || !action) return { state: 'held', reason: 'rule_set_gone' };
  if (!operation) return { state: 'held', reason: `unknown operation ${delivery.operation}` };
  if (!data) return { state: 'held', reason: 'event_unreadable' };
  const isTest = event.status === 'test';
  const { content, onlyIf } = action;
  return prepareDelivery({ action: content, onlyIf, operation, templates: ruleSet.templates, data, isTest });
}

async function keepInput(
  tools: SendTools,
  delivery: Delivery,
  destination: DestinationConfig,
  input: JsonObject,
): Promise<Gated> {
  const text = JSON.stringify(input);
  if (delivery.supersedes !== null) {
    const earlier = await tools.store.findDelivery(delivery.supersedes);
    if (earlier?.input === text) return { state: 'skipped', reason: 'unchanged' };
  }
  const kept = await tools.store.saveInput(delivery.id, delivery.fence, text);
  return kept ? { state: 'ready', destination, input } : { state: 'lost' };
}

/** Makes one attempt. Never throws: what an adapter throws is our own fault, and is tried again. */
export async function sendDelivery(
  tools: SendTools,
  { delivery, event, raw }: ClaimedDelivery,
  { destination, input }: { destination: DestinationConfig; input: JsonObject },
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  try {
    return await destination.adapter.send({
      operation: delivery.operation,
      input,
      options: destination.options,
      destination: destination.name,
      http: tools.http,
      mail: tools.mail,
      idempotencyKey: idempotencyKeyOf(delivery.id),
      signal,
      timeoutMs: destination.timeoutMs,
      progress: delivery.progress === null ? null : (JSON.parse(delivery.progress) as Json),
      now: tools.clock.now(),
      event: { id: event.id, status: event.status, raw, contentType: event.contentType },
      print: tools.print,
      kinds: tools.kinds,
    });
  } catch (error) {
    return {
      outcome: 'retry',
      reason: 'internal',
      message: error instanceof Error ? error.message : String(error),
    };
  }
}
