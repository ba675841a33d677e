export interface SoqlQuery {
  object: string;
  conditions: { field: string; operator: '=' | '>='; value: string }[];
}

const HEAD = /^SELECT \w+(?:, \w+)* FROM (\w+) WHERE /;
const TAIL = /^(?: ORDER BY \w+)?(?: LIMIT \d+)?$/;
const TEXT = /^(\w+) (=|>=) '((?:[^'\\\p{Cc}]|\\[nrtbf"'\\]|\\u[0-9a-f]{4})*)'/u;
const PLAIN = /^(\w+) (=|>=) ([\w:.+-]+)/;
const NAMED: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Reads conditions joined by AND, as Salesforce does: a text that is not escaped ends early, and that is an error. */
export function readSoql(q: string): SoqlQuery | null {
  const [head, object] = HEAD.exec(q) ?? [];
  if (head === undefined || object === undefined) return null;
  const conditions: SoqlQuery['conditions'] = [];
  let rest = q.slice(head.length);
  for (;;) {
    const [condition = '', field = '', operator, value = ''] = TEXT.exec(rest) ?? PLAIN.exec(rest) ?? [];
    if (condition === '') return null;
    const isText = condition.endsWith("'");
    conditions.push({
      field,
      operator: operator === '=' ? '=' : '>=',
      value: isText ? unescape(value) : value,
    });
    rest = rest.slice(condition.length);
    if (TAIL.test(rest)) return { object, conditions };
    if (!rest.startsWith(' AND ')) return null;
    rest = rest.slice(' AND '.length);
  }
}

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|(.))/g, (_all, code: string | undefined, mark: string) =>
    code === undefined ? (NAMED[mark] ?? mark) : String.fromCharCode(parseInt(code, 16)),
  );
}
