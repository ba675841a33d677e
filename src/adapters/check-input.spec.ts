import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type JsonObject } from '../lib/json.js';
import { createTemplates } from '../templates/templates.js';
import { fieldFormat, type Operation } from './adapter.js';
import { checkInput } from './check-input.js';

const templates = createTemplates({
  timezone: 'UTC',
  tables: { team_of: {} },
  files: { 'mail.liquid': 'x', 'broken.liquid': 'a\n{{ name | upcas }}' },
});
const operation: Operation = {
  description: 'For this spec',
  audience: 'system',
  input: z
    .strictObject({
      to: fieldFormat('header', z.union([z.email(), z.array(z.email())])),
      subject: z.string(),
      text: z.string().optional(),
      html: fieldFormat('html', z.string().optional()),
      template: z.string().optional().meta({ fieldFormat: 'template', into: 'html' }),
      blocks: fieldFormat('blocks', z.union([z.array(z.unknown()), z.string()]).optional()),
      count: z.number().optional(),
      person: z.strictObject({ name: z.string(), age: z.number().optional() }).optional(),
      body: fieldFormat('any', z.unknown().optional()),
    })
    .refine((input) => input.text !== undefined || input.html !== undefined, 'needs text, html or template'),
};
const good: JsonObject = { to: 'a@b.example', subject: 's', text: 't' };
const check = (content: JsonObject): string[] =>
  checkInput(operation, content, templates).map(({ path, message }) => `${path} | ${message}`);

describe('checking an input', () => {
  it.each<[JsonObject]>([
    [good],
    [{ ...good, to: '{{ lead.email }}' }],
    [{ ...good, to: ['{{ lead.email }}', 'a@b.example'] }],
    [{ ...good, count: '{{ duration }}' }],
    [{ ...good, count: '12' }],
    [{ ...good, blocks: '[{"type": "divider"}]' }],
    [{ ...good, blocks: '[{% for t in transcript %}"{{ t.text }}"{% endfor %}]' }],
    [{ ...good, body: { a: ['{{ x | default: 1 }}'] } }],
    [{ ...good, person: { name: '{{ name }}', age: '{{ age }}' } }],
    [{ to: 'a@b.example', subject: 's', template: 'mail' }],
    [{ ...good, text: "{{ assistant_phone | lookup: 'team_of' }}" }],
  ])('finds nothing in %j', (content) => {
    expect(check(content)).toEqual([]);
  });

  it.each<[JsonObject, string[]]>([
    [
      { ...good, txt: 'x' },
      [
        'txt | is not known here; known are to, subject, text, html, template, blocks, count, person, body; did you mean text?',
      ],
    ],
    [{ to: 'a@b.example', text: '{{ x }}' }, ['subject | is missing; expected text']],
    [{ to: '{{ x }}', subject: 's' }, [' | needs text, html or template']],
    [{ ...good, subject: 7 }, ['subject | is a number; expected text']],
    [{ ...good, subject: ['x'] }, ['subject | is a list; expected text']],
    [{ ...good, count: 'many' }, ['count | is text; expected a number']],
    [{ ...good, to: 'nobody' }, ['to | Invalid email address']],
    [{ ...good, person: { age: '{{ x }}' } }, ['person.name | is missing; expected text']],
    [
      { ...good, person: { nam: '{{ x }}', name: 'y' } },
      ['person.nam | is not known here; known are name, age; did you mean name?'],
    ],
    [
      { ...good, text: 'a\n{{ x | upcas }}' },
      ['text | line 2, column 8: unknown filter `upcas`; did you mean `upcase`?'],
    ],
    [{ ...good, body: { a: ['{{ x'] } }, ['body.a[0] | line 1, column 1: output "{{ x" not closed']],
    [{ ...good, text: "{{ x | lookup: 'team' }}" }, ['text | line 1, column 16: unknown table `team`']],
    [{ ...good, blocks: '{"a": 1}' }, ['blocks | is no list; expected a list of blocks']],
    [{ ...good, blocks: '[' }, ['blocks | is no JSON; expected the text to come to JSON']],
    [{ ...good, template: 'mial' }, ['template | is the name of no file in templates/; did you mean mail?']],
    [
      { ...good, template: '{{ x }}' },
      ['template | is a template; expected the plain name of a file in templates/'],
    ],
    [{ ...good, template: 'mail', html: 'x' }, ['template | cannot be given together with html']],
    [
      { ...good, template: 'broken' },
      ['template | templates/broken, line 2, column 11: unknown filter `upcas`; did you mean `upcase`?'],
    ],
    [
      { text: 3, zzz: 1 },
      [
        'to | is missing',
        'subject | is missing; expected text',
        'text | is a number; expected text',
        'zzz | is not known here',
      ],
    ],
  ])('finds in %j: %j', (content, expected) => {
    const found = check(content);
    expect(found).toHaveLength(expected.length);
    for (const [i, problem] of expected.entries()) expect(found[i]).toContain(problem);
  });
});
