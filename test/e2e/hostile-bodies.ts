const NO_ID =
  'missing; expected a whole number or a text of 1 to 200 characters ' +
  '(only a test with status and extracted_variables may come without)';

/** What is no readable call, with the problem that the sender is told. */
export const HOSTILE_BODIES: { title: string; bytes: Buffer; path: string; problem: string }[] = [
  hostile('garbage', 'this is no JSON', 'not valid JSON'),
  hostile('nothing', '', 'empty; expected a JSON object'),
  hostile('a list', '[{"id":1}]', 'not an object; expected the JSON object of a call'),
  hostile('a text', '"id"', 'not an object; expected the JSON object of a call'),
  hostile('null', 'null', 'not an object; expected the JSON object of a call'),
  hostile('invalid UTF-8', Buffer.from('{"id":1,"name":"\xff"}', 'latin1'), 'not valid UTF-8 text'),
  hostile(
    'a __proto__ key',
    '{"id":1,"status":"completed","__proto__":{"admin":true}}',
    'a key named __proto__',
  ),
  hostile('an escaped __proto__ key', '{"id":1,"lead":{"\\u005f_proto__":{}}}', 'a key named __proto__'),
  hostile('65 levels', nested(65), 'nested deeper than 64 levels'),
  hostile('10,001 keys', keys(10_001), 'more than 10000 keys'),
  hostile(
    'a number beyond double range',
    '{"id":1,"duration":1e400}',
    'a number beyond the range of a double',
  ),
  hostile('neither an id nor the look of a test', '{"hello":1}', NO_ID, 'id'),
];

function hostile(title: string, content: string | Buffer, problem: string, path = 'body') {
  return { title, bytes: Buffer.from(content), path, problem };
}

/** A call that is this many levels deep, itself included. */
export function nested(levels: number): string {
  return `{"id":1,"status":"completed","deep":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
}

/** A call with this many keys. */
export function keys(count: number): string {
  const further = Array.from({ length: count - 3 }, (_, index) => `"k${index}":0`);
  return `{"id":2,"status":"completed","many":{${further.join()}}}`;
}
