import { z } from 'zod';
import {
  type Adapter,
  type OperationSet,
  type SendRequest,
  defineAdapter,
  receiptFieldsOf,
} from '../adapter.js';
import { type JsonObject } from '../../lib/json.js';

const options = z.strictObject({
  as: z
    .string()
    .min(1)
    .optional()
    .describe('Kind to stand in for, e.g. slack: its input is checked and rendered the same way'),
});

type Options = z.output<typeof options>;

export const adapter = defineAdapter({
  kind: 'log',
  description: 'Prints to standard output what would be sent: for a first run without accounts.',
  options,
  operations: {
    write: {
      description: 'Prints one text',
      input: z.strictObject({ text: z.string().describe('What to print') }),
      audience: 'colleagues',
      testMarkField: 'text',
      repeat: 'Printed once more',
    },
  },
  defaultOperation: 'write',
  operationsFor,
  checkOptions,
  send(request) {
    request.print(block(request.destination, request.options, request.operation, request.input));
    const receipt = pretendedReceipt(request);
    return Promise.resolve({ outcome: 'delivered', ...(receipt && { receipt }) });
  },
});

/** With `as`, everything is the other kind's: operations, schemas, escaping, audience. */
function operationsFor({ as }: Options, kinds: ReadonlyMap<string, Adapter>): OperationSet {
  if (as === undefined) return { operations: adapter.operations, defaultOperation: 'write' };
  const kind = as === 'log' ? undefined : kinds.get(as);
  return kind ? { operations: kind.operations, defaultOperation: kind.defaultOperation } : { operations: {} };
}

/** Later actions may need what the other kind would have answered, so something has to stand there. */
function pretendedReceipt({
  options: to,
  operation,
  input,
  destination,
  kinds,
}: SendRequest<Options>): JsonObject | null {
  const pretended = to.as === undefined ? undefined : operationsFor(to, kinds).operations[operation];
  const names = pretended === undefined ? [] : receiptFieldsOf(pretended, input);
  if (names.length === 0) return null;
  return Object.fromEntries(names.map((name) => [name, `[${name} of ${destination}]`] as const));
}

function checkOptions(
  { as }: Options,
  kinds?: ReadonlyMap<string, Adapter>,
): { path: string; problem: string }[] {
  if (as === undefined || !kinds) return [];
  const others = [...kinds.keys()].filter((kind) => kind !== 'log');
  if (others.includes(as)) return [];
  return [
    { path: 'as', problem: `no kind is called ${JSON.stringify(as)}; expected one of ${others.join(', ')}` },
  ];
}

/** One block, printed at once, so that blocks of deliveries side by side do not mix. */
function block(destination: string, { as }: Options, operation: string, input: JsonObject): string {
  const head = as === undefined ? `[${destination}] ${operation}` : `[${destination}] ${as}: ${operation}`;
  const fields = Object.entries(input).map(([name, value]) => field(name, value));
  return [head, ...(fields.length === 0 ? ['  (no input)'] : fields)].join('\n');
}

function field(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const lines = printable(text).split('\n');
  return lines.length === 1
    ? `  ${name}: ${lines[0]}`
    : [`  ${name}:`, ...lines.map((line) => `    ${line}`)].join('\n');
}

/** A transcript may hold control sequences that a terminal would obey. */
function printable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{C}\n\t]/gu, '�');
}
