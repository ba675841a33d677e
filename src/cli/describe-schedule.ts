import { ORIGINS } from '../domain/contact-gate.js';
import { coloursFor, type Io } from './io.js';
import { printable, table } from './print.js';
import { reasonWords } from './reason-words.js';
import { type Schedule, type ScheduledAction, type ScheduledContact } from './schedule-rule.js';
import { paintedTable } from './state-colours.js';

type Colours = ReturnType<typeof coloursFor>;

/** The slots of each action as a person reads them, with whose clock counts and who told it. */
export function describeSchedule({ rule, state, received_at, contact, actions }: Schedule, io: Io): string {
  const colours = coloursFor(io);
  const reaches = actions.some(({ channel }) => channel !== null);
  const isNamed = contact.phone !== null;
  const name = state === 'live' ? rule : `${rule} (${state}: sends nothing)`;
  const head = `${colours.bold(printable(`rule ${name}`))}, for a call received at ${received_at}\n`;
  const who = isNamed || reaches ? describeContact(contact) : '';
  const blocks = actions.map((action) => describeAction(action, colours));
  const none = '\nnone of its actions has a time or a window: all are done at once\n';
  return `${head}${who}${blocks.join('') || none}`;
}

function describeContact({ phone, country, zones, from, not_used }: ScheduledContact): string {
  const told =
    from === null ? 'not known: nothing tells where it is' : `${zones.join(', ')}, told by ${ORIGINS[from]}`;
  const rows = [
    ['  contact', phone ?? 'not named; --contact names one'],
    ...(country === null ? [] : [['  country', country]]),
    [zones.length > 1 ? '  possible zones' : '  zone', told],
    ...not_used.map((hint) => [
      '  not used',
      `${hint.from} says ${JSON.stringify(hint.value)}, which is no zone`,
    ]),
  ];
  return table(rows.map((row) => row.map(printable)));
}

function whyNotDue(reason: string): string {
  return reason === NO_TIME ? 'the call asks for no time; --call names one that does' : reasonWords(reason);
}

/** Of a template that gives nothing. */
const NO_TIME = 'unreadable_time: ""';

function describeAction(
  { action, to, channel, zone, slots, reason }: ScheduledAction,
  colours: Colours,
): string {
  const how = channel === null ? '' : ` (${channel}, in the hours of the contact)`;
  const head = `\n${colours.bold(printable(`${action} -> ${to === '' ? 'nowhere' : to}`))}${how}\n`;
  if (reason !== null) return `${head}  ${colours.yellow(printable(`not due: ${whyNotDue(reason)}`))}\n`;
  const rows = slots.map(({ local, at, why }) => ({
    cells: [local, at, why].map(printable),
    paint: (text: string) => text,
  }));
  return `${head}${paintedTable([`IN ${zone}`, 'UTC', 'WHY'], rows, colours, '  ')}`;
}
