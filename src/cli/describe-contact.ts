import { type ContactChangeView, type ContactView, type StopView } from '../replay/contact-views.js';
import { actionName, targetName } from './describe-deliveries.js';
import { type Writing } from './describe-delivery.js';
import { describeFollowUps } from './describe-follow-ups.js';
import { printable, table } from './print.js';
import { whoAsked } from './reason-words.js';
import { paintedTable } from './state-colours.js';
import { timeWords } from './time-words.js';

/** One contact: whether it may be reached, its calls, what waits for it, and what can be done next. */
export function describeContact(view: ContactView, writing: Writing): string {
  const { colours, now, flags } = writing;
  const { contact, stopped } = view;
  const state =
    stopped === null
      ? colours.green('may be reached')
      : colours.red(
          printable(
            `not to be reached since ${timeWords(stopped.since, now)}, by ${whoAsked(stopped.reason)}`,
          ),
        );
  const parts = [
    `${colours.bold(`contact ${contact}`)}  ${state}\n${facts(view, now)}`,
    `${colours.bold(`Follow-ups: ${view.open_follow_ups}`)}\n${followUps(view, writing)}`,
    `${nextStep(view)}${flags}\n`,
  ];
  return parts.join('\n');
}

function facts({ scope, calls, missed, last_status, last_at }: ContactView, now: number): string {
  const last = last_at === null ? null : `${last_status ?? 'ended'}, ${timeWords(last_at, now)}`;
  const rows: [string, string | null][] = [
    ['client', scope === '' ? null : scope],
    ['calls', calls === 0 ? 'none' : `${calls}, ${missed === 0 ? 'none' : missed} of them missed`],
    ['last', last],
  ];
  return table(rows.flatMap(([name, value]) => (value === null ? [] : [[`  ${name}`, printable(value)]])));
}

function followUps({ follow_ups, open_follow_ups }: ContactView, { colours, now }: Writing): string {
  if (follow_ups.length === 0) return '  none\n';
  const more =
    open_follow_ups > follow_ups.length ? `  and ${open_follow_ups - follow_ups.length} more\n` : '';
  return `${describeFollowUps(follow_ups, { colours, now, indent: '  ' })}${more}`;
}

function nextStep({ contact, stopped }: ContactView): string {
  return stopped === null
    ? `let nothing reach it any more with\n  aftercall contact stop ${contact}`
    : `let it be reached again with\n  aftercall contact allow ${contact}`;
}

/** What was done to the list, and what was taken back by it. */
export function describeContactChange(view: ContactChangeView): string {
  const { contact, stopped, changed, canceled } = view;
  const already = stopped
    ? 'is on the do-not-contact list already'
    : 'is not on the do-not-contact list, so it may be reached';
  const done = stopped ? 'is not to be reached any more' : 'may be reached again';
  const lines = canceled.map(
    (delivery) => `  canceled ${delivery.id}  ${actionName(delivery)} -> ${targetName(delivery)}`,
  );
  const nothing = stopped && canceled.length === 0 ? ['  nothing waited to reach it'] : [];
  return [`${contact} ${changed ? done : already}`, ...lines, ...nothing]
    .map((line) => `${printable(line)}\n`)
    .join('');
}

/** The list of those that nothing may reach. */
export function describeStops(stops: readonly StopView[], { colours, now }: Writing): string {
  const rows = stops.map((stop) => ({
    cells: [stop.contact, stop.scope, timeWords(stop.since, now), whoAsked(stop.reason)].map(printable),
    paint: (text: string) => text,
  }));
  return paintedTable(['CONTACT', 'CLIENT', 'SINCE', 'BY'], rows, colours);
}
