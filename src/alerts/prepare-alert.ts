import { renderAlert } from '../config/alert-input.js';
import { type AlertConfig, type DestinationConfig } from '../config/config.js';
import { type LiveRuleSet } from '../config/live.js';
import { type JsonObject } from '../lib/json.js';
import { composeMessage } from './compose-message.js';
import { type AlertGroup } from './group-alerts.js';

export interface ReadyAlert {
  state: 'ready';
  destination: DestinationConfig;
  operation: string;
  input: JsonObject;
}

/**
 * - `ready`: the message as its destination takes it now.
 * - `waits`: the destination is switched off.
 * - `hopeless`: it can never be sent; `problem` says why, in words for the log.
 */
export type PreparedAlert = ReadyAlert | { state: 'waits' } | { state: 'hopeless'; problem: string };

/** What an entry of `alerts:` makes of a group under the configuration in force. Pure. */
export function prepareAlert(
  group: AlertGroup,
  { config, templates }: Pick<LiveRuleSet, 'config' | 'templates'>,
): PreparedAlert {
  const entry = entryOf(group, config.alerts);
  const destination = config.destinations.get(group.destination);
  if (!destination || !entry) return { state: 'hopeless', problem: 'alerts: names its destination no more' };
  if (!destination.enabled) return { state: 'waits' };
  const name = destination.defaultOperation ?? '';
  const operation = destination.operations[name];
  if (!operation) return { state: 'hopeless', problem: 'its destination takes no plain message' };
  const rendered = renderAlert(operation, entry.with, composeMessage(group.alerts), { templates });
  return rendered.ok
    ? { state: 'ready', destination, operation: name, input: rendered.input }
    : { state: 'hopeless', problem: rendered.reason };
}

/** Positions move when the list is edited: the entry at that place if it still leads there, or another that does. */
function entryOf(
  { entry, destination }: AlertGroup,
  entries: readonly AlertConfig[],
): AlertConfig | undefined {
  const there = entries[entry];
  return there?.to === destination ? there : entries.find(({ to }) => to === destination);
}
