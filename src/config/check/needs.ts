import { type Operation, receiptFieldsOf } from '../../adapters/adapter.js';
import { type Json } from '../../lib/json.js';
import { type ActionContent } from '../../rules/rule.js';
import { type Findings } from '../findings.js';
import { type ConfigFile } from '../config-file.js';
import { type Path } from '../path.js';
import { describeUnknownName } from '../schema/describe-issue.js';

/** An action of a rule with its place and, where its destination is known, what it leaves. */
export interface PlacedAction {
  action: ActionContent;
  path: Path;
  operation: Operation | null;
}

interface Where {
  file: ConfigFile;
  findings: Findings;
}

/** `needs` names earlier actions of the rule only, and whatever a text uses of `actions.` is needed. */
export function checkNeeds(actions: readonly PlacedAction[], where: Where): void {
  actions.forEach((placed, nth) => {
    const earlier = new Map(actions.slice(0, nth).map((each) => [each.action.id, each]));
    checkNames(placed, earlier, where);
    for (const { path, text } of textsIn({ with: placed.action.with, only_if: placed.action.onlyIf }))
      for (const use of usesIn(text)) checkUse(placed, [...placed.path, ...path], use, earlier, where);
  });
}

function checkNames(
  { action, path }: PlacedAction,
  earlier: ReadonlyMap<string, PlacedAction>,
  { file, findings }: Where,
): void {
  (action.needs ?? []).forEach((name, i) => {
    if (earlier.has(name)) return;
    const what =
      name === action.id
        ? 'is the action itself; expected an earlier one'
        : describeUnknownName('earlier action of this rule', name, [...earlier.keys()]);
    findings.error(file, [...path, 'needs', i], what);
  });
}

interface Use {
  action: string;
  field: string | null;
}

function checkUse(
  { action }: PlacedAction,
  path: Path,
  use: Use,
  earlier: ReadonlyMap<string, PlacedAction>,
  { file, findings }: Where,
): void {
  const used = earlier.get(use.action);
  const name = `actions.${use.action}`;
  if (used === undefined) {
    findings.error(
      file,
      path,
      describeUnknownName('earlier action of this rule', use.action, [...earlier.keys()]),
    );
  } else if (action.needs?.includes(use.action) !== true) {
    const needs = [...(action.needs ?? []), use.action].join(', ');
    findings.error(file, path, `uses ${name}, which is not waited for; add needs: [${needs}] to the action`);
  } else if (used.operation !== null && use.field !== null) {
    const known = receiptFieldsOf(used.operation, used.action.with);
    checkField(use.field, known, path, { file, findings }, name);
  }
}

function checkField(
  field: string,
  known: readonly string[],
  path: Path,
  { file, findings }: Where,
  name: string,
): void {
  if (known.includes(field)) return;
  const problem =
    known.length === 0
      ? `uses ${name}.${field}, but that action leaves no result`
      : describeUnknownName(`result of ${name}`, field, [...known]);
  findings.error(file, path, problem);
}

/** Texts with a template, and the `var` of conditions; every text is looked at, whatever it is for. */
function textsIn(value: unknown, path: Path = []): { path: Path; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, Json]) => {
    const part = Array.isArray(value) ? Number(key) : key;
    const own = key.startsWith('actions.') ? [{ path: [...path, part], text: `{{ ${key} }}` }] : [];
    return [...own, ...textsIn(inner, [...path, part])];
  });
}

function usesIn(text: string): Use[] {
  const isPath = /^actions\.[\w.-]+$/.test(text);
  const parts = isPath ? [text] : (text.match(/\{[{%][\s\S]*?[%}]\}/g) ?? []);
  return parts.flatMap((part) =>
    [...part.matchAll(/(?<![\w.'"-])actions\.([a-z0-9][\w-]*)(?:\.([\w-]+))?/gi)].map(
      ([, action = '', field]) => ({
        action,
        field: field ?? null,
      }),
    ),
  );
}
