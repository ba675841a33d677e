import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contactKey } from '../../domain/contact-list.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { adapter } from './email.adapter.js';

const { send, send_to_contact: toContact } = adapter.operations;
const reached = (to: Json) => toContact?.reaches?.addresses?.({ to });
const problems = (content: JsonObject) => send?.check?.(content) ?? [];

describe('whom a mail to the contact reaches', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    [' Ada Lovelace <Ada@Example.com> ', 'Ada@Example.com'],
    ['"Lovelace, Ada" <ada@example.com>', 'ada@example.com'],
    ['{{ lead.name }} <ada@example.com>', 'ada@example.com'],
    ['"{{" <ada@example.com>', 'ada@example.com'],
  ])('is the bare address: %s', (to, address) => {
    expect(reached(to)).toEqual([address]);
  });

  it.each(['{{ lead.email }}', '{{ lead.name }} <{{ lead.email }}>', 'no address', ''])(
    'is the text where it is no address: %s',
    (to) => {
      expect(reached(to)).toEqual([to]);
    },
  );

  it('is one contact for the list, whatever name stands beside the address', () => {
    const name = fc.stringMatching(/^[\p{L} .'-]{0,40}$/u);
    const address = fc.stringMatching(/^[a-zA-Z0-9]{1,20}@[a-zA-Z0-9]{1,20}\.[a-z]{2,5}$/);
    fc.assert(
      fc.property(name, address, (who, bare) => {
        for (const to of [`${who} <${bare}>`, `"${who}" <${bare.toUpperCase()}>`])
          expect(reached(to)?.map((one) => contactKey(one as string))).toEqual([bare.toLowerCase()]);
      }),
    );
  });
});

describe('whom a mail past the gate goes to', () => {
  it.each<[JsonObject]>([
    [{ to: 'sales@example.com' }],
    [{ to: ['sales@example.com', 'Joe <joe@example.com>'], cc: 'ops@example.com' }],
    [{ to: "{{ assistant_phone | lookup: 'owner_of' | default: 'calls@example.com' }}" }],
    [{ to: ["{{ assistant_phone | lookup: 'owner_of' }}"], reply_to: '{{ lead.variables.email }}' }],
  ])('may be chosen by us: %j', (content) => {
    expect(problems(content)).toEqual([]);
  });

  it.each<[JsonObject, string[]]>([
    [{ to: '{{ lead.variables.email }}' }, ['to']],
    [{ to: '{{ lead.name }} <{{ lead.variables.email }}>' }, ['to']],
    [{ to: '{% if id %}a@example.com{% endif %}' }, ['to']],
    [{ to: "{{ city | lookup: 'owner_of' | default: lead.variables.email }}" }, ['to']],
    [
      { to: ['a@example.com', '{{ lead.variables.email }}'], cc: '{{ extracted_variables.cc }}' },
      ['to[1]', 'cc'],
    ],
    [{ to: 'a@example.com', cc: ['{{ a }}', '{{ b }}'] }, ['cc[0]', 'cc[1]']],
  ])('is not chosen by the call: %j', (content, paths) => {
    expect(problems(content).map(({ path }) => path)).toEqual(paths);
  });

  it('is told what to use in its place', () => {
    expect(problems({ to: '{{ lead.variables.email }}' })[0]?.problem).toMatch(/send_to_contact.*lookup/);
  });
});
