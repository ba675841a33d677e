import pc from 'picocolors';
import { type SinkRequest } from '../support/http-sink.js';
import { type SinkMail } from '../support/smtp-sink.js';

type Out = (text?: string) => void;

const MARKS: Record<string, string> = {
  fired: pc.green('●'),
  not_matched: pc.dim('○'),
  undecided: pc.yellow('?'),
  error: pc.red('!'),
  not_evaluated: pc.dim('-'),
};

export function title(text: string): string {
  return `\n${pc.bold(pc.cyan(text))}`;
}

/** What `aftercall explain` prints of each rule, with a mark for its verdict. */
export async function printDecisions(
  out: Out,
  simulated: { decisions: { rule: string; verdict: string }[] },
  explain: (rule: string) => Promise<string>,
): Promise<void> {
  for (const { rule, verdict } of simulated.decisions) {
    const [head = '', ...tree] = (await explain(rule)).trimEnd().split('\n');
    out(`${MARKS[verdict] ?? ' '} ${head}`);
    out(indent(tree.join('\n')));
  }
}

export function printRequest(out: Out, request: SinkRequest): void {
  out(`${pc.bold(`${request.method} ${request.path}`)}${keyOf(request)}`);
  out(indent(shorten(JSON.stringify(request.json, null, 2) ?? request.body)));
}

export function printMail(out: Out, message: SinkMail): void {
  out(`${pc.bold(`mail to ${message.to.join(', ')}`)}`);
  out(indent(shorten(message.raw)));
}

/** What a stand-in keeps. */
export function printRecords(out: Out, what: string, records: readonly unknown[]): void {
  for (const record of records) {
    out(pc.bold(what));
    out(indent(shorten(JSON.stringify(record, null, 2))));
  }
}

function keyOf({ headers }: SinkRequest): string {
  const key = headers['idempotency-key'];
  return key === undefined ? '' : pc.dim(`  Idempotency-Key: ${key}`);
}

/** Enough to see what it is; the CRM gets the whole call, which would fill the screen. */
function shorten(text: string): string {
  const lines = text.trimEnd().split('\n');
  const shown = lines.slice(0, 24);
  return [
    ...shown,
    ...(lines.length > shown.length ? [pc.dim(`… ${lines.length - shown.length} more lines`)] : []),
  ].join('\n');
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
