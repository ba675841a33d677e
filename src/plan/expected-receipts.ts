import { expectedField } from '../adapters/expected-receipt.js';
import { receiptFieldsOf } from '../adapters/adapter.js';
import { type LiveRuleSet } from '../config/live.js';
import { type Call } from '../domain/event.js';
import { type JsonObject } from '../lib/json.js';
import { resolveDestination } from './resolve-destination.js';

/**
 * The call with what its needed actions would leave, for what is only rendered: each field of a receipt stands
 * there as `[actions.crm.id]`, because nothing was sent that could have answered with one.
 */
export function withExpectedReceipts(
  live: LiveRuleSet,
  rule: string,
  needs: readonly string[],
  data: Call,
): JsonObject {
  if (needs.length === 0) return data;
  const actions = needs.map((action) => [action, expectedReceipt(live, rule, action, data)] as const);
  return { ...data, actions: Object.fromEntries(actions) };
}

function expectedReceipt(live: LiveRuleSet, rule: string, action: string, data: Call): JsonObject {
  const content = live.actions.get(`${rule}.${action}`)?.content;
  const name = content && resolveDestination(live, content.to, data);
  const destination = name ? live.config.destinations.get(name) : undefined;
  const operation = destination?.operations[content?.do ?? destination.defaultOperation ?? ''];
  const fields = operation && content ? receiptFieldsOf(operation, content.with) : [];
  return Object.fromEntries(fields.map((field) => [field, expectedField(action, field)]));
}
