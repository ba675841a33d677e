import { type CompiledRuleSet } from '../config/live.js';
import { type JsonObject } from '../lib/json.js';
import { readContactFacts } from '../plan/read-contact-facts.js';
import { readStoredCall } from '../plan/read-stored-call.js';
import { type ClaimedDelivery } from '../store/store.js';
import { type SendTools } from './send-tools.js';

/** The call with what is known of its contact now, and not when it was planned. Null: its source is gone. */
export async function readCallNow(
  tools: SendTools,
  { event, raw }: Pick<ClaimedDelivery, 'event' | 'raw'>,
  ruleSet: CompiledRuleSet,
): Promise<JsonObject | null> {
  const { config } = tools.live.current();
  const data = readStoredCall(config, event, raw);
  if (data === null) return null;
  const isMissed = config.sources.get(event.source)?.source.result(data).isMissed ?? false;
  const { scope, contact, source, callId, receivedAt } = event;
  const own = { scope, contact, source, callId, isMissed, receivedAt };
  const facts = await readContactFacts(tools, ruleSet, own, tools.clock.now());
  return facts === undefined ? data : { ...data, contact: { ...(data.contact as JsonObject), ...facts } };
}
