import { z } from 'zod';
import { type Adapter, type Operation, ifUnknownOf } from '../../src/adapters/adapter.js';

type Schema = z.core.JSONSchema.BaseSchema;

const HEAD = `# Destinations

<!-- Made from the schemas of the kinds by \`npm run reference\`; changes go there. -->

Every kind of destination with its options, its operations, what they take and what they leave. Each kind has a page of its own beside
its code that says where the credential comes from and what the vendor's answers mean; it is linked below.

**Leaves** is what later actions of the same rule may use: \`{{ actions.<id>.<field> }}\`, with \`needs: [<id>]\`. **When unknown** is what
follows when a request was sent and no answer came (\`if_unknown\` of the action changes it): \`retry\` repeats it by itself, \`hold\` waits for a
person. **Repeated** says how the repeat keeps from making a second record.
`;

/** The reference of all kinds, as Markdown. */
export function destinationsPage(kinds: ReadonlyMap<string, Adapter>): string {
  const adapters = [...kinds.values()];
  return [HEAD, overview(adapters), ...adapters.map(kindSection)].join('\n');
}

function overview(adapters: readonly Adapter[]): string {
  const rows = adapters.flatMap(({ kind, operations }) =>
    Object.entries(operations).map(([name, operation]) => [
      `[${kind}](#${kind})`,
      `\`${name}\``,
      READERS[operation.audience],
      ifUnknownOf({}, operation),
      operation.repeat ?? '',
    ]),
  );
  return table(['kind', 'operation', 'reaches', 'when unknown', 'repeated'], rows);
}

const READERS: Record<Operation['audience'], string> = {
  colleagues: 'colleagues',
  contact: 'the contact',
  system: 'a system',
};

function kindSection(adapter: Adapter): string {
  const { kind, description, options, operations, defaultOperation } = adapter;
  const parts = Object.entries(operations).map(([name, operation]) =>
    operationSection(name, operation, name === defaultOperation),
  );
  return [
    `## ${kind}\n`,
    `${description} [More](../../src/adapters/${kind}/README.md).\n`,
    table(['option', 'what it is'], fieldRows(options)),
    ...parts,
  ].join('\n');
}

function operationSection(name: string, operation: Operation, isDefault: boolean): string {
  const { description, input, receipt, limits = [] } = operation;
  const leaves = receipt === undefined ? [] : fieldRows(receipt);
  return [
    `### ${name}${isDefault ? ' (default)' : ''}\n`,
    `${description}. Reaches ${READERS[operation.audience]}. When unknown: \`${ifUnknownOf({}, operation)}\`.${sentence('Repeated', operation.repeat)}\n`,
    table(['input', 'what it is'], fieldRows(input)),
    ...(leaves.length > 0 ? [table(['leaves', 'what it is'], leaves)] : []),
    ...(limits.length > 0 ? [`${limits.map((limit) => `- ${limit}`).join('\n')}\n`] : []),
  ].join('\n');
}

function sentence(head: string, words: string | undefined): string {
  return words === undefined ? '' : ` ${head}: ${words.charAt(0).toLowerCase()}${words.slice(1)}.`;
}

function fieldRows(schema: z.ZodObject): string[][] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => [
    `\`${name}\``,
    [required.includes(name) ? '**required**' : '', describeProperty(property as Schema)]
      .filter(Boolean)
      .join('. '),
  ]);
}

function describeProperty(property: Schema): string {
  const { description = '', default: preset } = property;
  const words = choicesOf(property);
  const choices = words.length > 0 ? `one of ${words.map((word) => `\`${word}\``).join(', ')}` : '';
  const plain = typeof preset === 'string' || typeof preset === 'number' || typeof preset === 'boolean';
  const standard = plain ? `default \`${String(preset)}\`` : '';
  const secret = property.secret === true ? 'secret' : '';
  return [description, choices, standard, secret].filter((part) => part !== '').join('; ');
}

function choicesOf({ enum: words, const: only, anyOf = [] }: Schema): string[] {
  const own = words ?? (only === undefined ? [] : [only]);
  const below = anyOf.flatMap((inner) => (typeof inner === 'object' ? choicesOf(inner) : []));
  return [...own, ...below].filter((word) => word !== null).map(String);
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}
