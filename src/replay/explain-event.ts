import { type LiveConfig } from '../config/live.js';
import { callData } from '../domain/call-data.js';
import { type RuleSetCache } from '../plan/rule-set-cache.js';
import { type Store, type StoredEvent } from '../store/store.js';
import { DeskError } from './desk-error.js';
import { findBackgroundAgain } from './find-background-again.js';
import { readEvent } from './read-event.js';
import { eventView, type ExplainView } from './views.js';

/**
 * Every rule's verdict on a stored event, by the rules that decided it, with what each condition saw.
 * @throws {DeskError} where the bytes or the rule set are gone, or the rule set has no such rule.
 */
export async function explainEvent(
  { store, live, ruleSets }: { store: Store; live: LiveConfig; ruleSets: RuleSetCache },
  found: StoredEvent,
  only: string | undefined,
): Promise<ExplainView> {
  const { event } = found;
  const { source, reading } = readEvent(live.current().config, found);
  const ruleSet = await ruleSets.find(found.ruleSet);
  if (!ruleSet) throw new DeskError('conflict', 'the rule set that decided this event is gone');
  if (only !== undefined && !ruleSet.rules.has(only))
    throw new DeskError('not_found', 'the rule set that decided this event has no such rule');
  const { source: name, labels, id: eventId, receivedAt } = event;
  const { contactFacts, causedBy } = await findBackgroundAgain(store, ruleSet, { event, source, reading });
  const data = callData(reading.call, { source: name, labels, eventId, receivedAt, contactFacts });
  const decisions = ruleSet.book.decide(data, { name, labels }, { all: true, causedBy });
  const wanted = decisions.filter(({ rule }) => only === undefined || rule === only);
  return {
    event: eventView(event),
    rules: wanted.map((decision) => ({ ...decision, condition: ruleSet.book.explain(decision.rule, data) })),
  };
}
