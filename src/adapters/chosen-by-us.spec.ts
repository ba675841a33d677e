import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isChosenByUs } from './chosen-by-us.js';

describe('isChosenByUs', () => {
  it.each([
    '+43123456789',
    'sales@example.com',
    "{{ city | lookup: 'phone_of' }}",
    "  {{- city | strip | lookup:'phone_of'-}} ",
    `{{ city | default: 'a | b' | lookup: "phone_of" | default: '+43123456789' }}`,
  ])('takes %j', (text) => {
    expect(isChosenByUs(text)).toBe(true);
  });

  it.each([
    '{{ contact.phone }}',
    '{% if id %}+43123456789{% endif %}',
    "{{ city | lookup: 'phone_of' | default: contact.phone }}",
    "{{ city | lookup: 'phone_of' | append: contact.phone }}",
    "{{ contact.phone }}{{ city | lookup: 'phone_of' }}",
    '{{ city | lookup: table }}',
    `{{ contact.phone | default: "| lookup: 't'" }}`,
    null,
    ['+43123456789'],
  ])('refuses %j', (text) => {
    expect(isChosenByUs(text)).toBe(false);
  });

  it('answers any text, and refuses what prints a variable as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof isChosenByUs(`{{ ${text} | lookup: 't' }}`)).toBe('boolean');
        expect(isChosenByUs(`${text}{{ contact.phone }}`)).toBe(false);
      }),
    );
    expect(isChosenByUs(`{{ ${'| lookup: '.repeat(20_000)}`)).toBe(false);
  });
});
