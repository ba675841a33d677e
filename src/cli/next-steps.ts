import { type DeliveryView } from '../replay/views.js';

/** Something to do and the command for it. */
interface Step {
  words: string;
  command: string;
}

/**
 * What a person can do with a delivery in its state, each command on a line of its own; empty for nothing.
 * @param flags that lead a command to the same desk, with a space before them
 */
export function nextSteps(delivery: DeliveryView, flags: string): string {
  return stepsFor(delivery)
    .map(({ words, command }) => `${words}\n  aftercall ${command}${flags}\n`)
    .join('');
}

function stepsFor(delivery: DeliveryView): Step[] {
  const { id, event_id, state } = delivery;
  const cancel = { words: 'or take it back with', command: `deliveries cancel ${id}` };
  if (state === 'held') return [...releaseSteps(delivery), cancel];
  if (state === 'dead') return [...retrySteps(delivery), cancel];
  if (state === 'pending') return [...waitSteps(delivery), cancel];
  if (state === 'canceled' || state === 'skipped')
    return [{ words: `${state}: decide its event anew with`, command: `events replay ${event_id}` }];
  return [];
}

function releaseSteps({ id, reason }: DeliveryView): Step[] {
  const release = `deliveries release ${id}`;
  const word = firstWord(reason);
  if (word === 'unknown')
    return [
      {
        words: 'held: look at the destination; if it is not there, release it under the same key with',
        command: release,
      },
    ];
  if (word === 'missing')
    return [
      { words: 'held: release it with the value,', command: `${release} --set <field>=<value>` },
      {
        words: 'or without (mark shows the gap, empty leaves it blank) with',
        command: `${release} --if-missing omit`,
      },
    ];
  if (word === 'destination_gone' || word === 'unknown_operation')
    return [
      {
        words: 'held: bring its destination back into the configuration, then release it with',
        command: release,
      },
    ];
  return [{ words: 'held: release it with', command: release }];
}

/** A retry sends the same bytes: of no use where the destination refused just these. */
function retrySteps({ id, event_id, reason }: DeliveryView): Step[] {
  const retry = `deliveries retry ${id}`;
  const word = firstWord(reason);
  if (word === 'client_error' || word === 'invalid_input' || word === 'refused')
    return [
      { words: 'dead: if the destination takes it now, retry it with', command: retry },
      {
        words: 'or mend the rule and decide its event anew with',
        command: `events replay ${event_id} --rules now`,
      },
    ];
  if (word === 'address_forbidden')
    return [
      { words: 'dead: mend the address or open it under egress.allow, then retry it with', command: retry },
    ];
  return [{ words: 'dead: retry it with', command: retry }];
}

function waitSteps({ id, reason }: DeliveryView): Step[] {
  const word = firstWord(reason);
  const words =
    word === 'destination_disabled' || word === 'destination_paused'
      ? 'pending: it goes out when its destination takes deliveries again; bring its attempt forward with'
      : 'pending: bring its next attempt forward with';
  return [{ words, command: `deliveries retry ${id}` }];
}

function firstWord(reason: string | null): string {
  return reason?.split(':')[0] ?? '';
}
