import { BUILT_IN, STOP } from '../domain/contact-list.js';
import { describeDecisions } from './describe-decisions.js';
import { type Colours, coloursFor, type Io } from './io.js';
import { printable, yamlBlock } from './print.js';
import { withoutLater } from './reason-words.js';
import { type SimulatedAction, type Simulation } from './simulation.js';

/** A simulation as a person reads it: the event, every rule's verdict, every action with what it would send. */
export function describeSimulation(
  { event, decisions, actions }: Simulation,
  receivedAt: number,
  io: Io,
): string {
  const colours = coloursFor(io);
  const call = event.call_id === null ? 'a call without id' : `call ${event.call_id}`;
  const received = new Date(receivedAt).toISOString();
  const parts = [
    printable(`${call} from ${event.source}, received ${received}: ${event.status}\n`),
    `\n${colours.bold('Rules')}\n${describeDecisions(decisions, colours)}`,
    `\n${colours.bold('Actions')}\n${actions.map((action) => describeAction(action, colours)).join('') || '  none\n'}`,
  ];
  return parts.join('');
}

function describeAction(action: SimulatedAction, colours: Colours): string {
  const { state } = action;
  const isDone = state === 'pending' || state === 'delivered';
  const colour = isDone ? colours.green : state === 'held' ? colours.yellow : colours.dim;
  const input = Object.keys(action.with).length === 0 ? '' : yamlBlock(action.with, '      ');
  return `${printable(`  ${whereTo(action)}`)}  ${colour(printable(whatHappens(action)))}\n${input}`;
}

function whereTo({ rule, action, to, kind, do: operation }: SimulatedAction): string {
  if (kind === BUILT_IN) return `${rule}.${action} (${operation})`;
  return `${rule}.${action} -> ${to === '' ? 'nowhere' : to}${kind === '' ? '' : ` (${kind} ${operation})`}`;
}

function whatHappens({ kind, do: operation, state, due_at, reason }: SimulatedAction): string {
  if (kind === BUILT_IN && state === 'delivered')
    return operation === STOP ? 'stops the contact' : 'lets the contact be reached again';
  const when = state === 'pending' ? `pending, due ${due_at}` : state;
  return reason === null ? when : `${when}: ${withoutLater(reason)}`;
}
