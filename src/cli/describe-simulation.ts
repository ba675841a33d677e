import { describeDecisions } from './describe-decisions.js';
import { type Colours, coloursFor, type Io } from './io.js';
import { printable, yamlBlock } from './print.js';
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
  const { rule, action: id, to, kind, do: operation, state, due_at, reason } = action;
  const head = `  ${rule}.${id} -> ${to === '' ? 'nowhere' : to}${kind === '' ? '' : ` (${kind} ${operation})`}`;
  const when = state === 'pending' ? `pending, due ${due_at}` : state;
  const words = reason === null ? when : `${when}: ${reason}`;
  const colour = state === 'pending' ? colours.green : state === 'held' ? colours.yellow : colours.dim;
  const input = Object.keys(action.with).length === 0 ? '' : yamlBlock(action.with, '      ');
  return `${printable(head)}  ${colour(printable(words))}\n${input}`;
}
