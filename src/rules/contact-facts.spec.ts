import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Json } from '../lib/json.js';
import { factWindowsOf } from './contact-facts.js';
import { type RuleContent } from './rule.js';

const HOUR_MS = 3_600_000;

function windowsOf(mention: Json, templates: Record<string, string> = {}): Record<string, number> | null {
  const windows = factWindowsOf({ rules: [{ condition: { when: mention } } as RuleContent], templates });
  return windows && Object.fromEntries(windows);
}

describe('factWindowsOf', () => {
  it.each<[string, Json]>([
    ['nothing of the contact', { var: 'duration' }],
    ['its number and country', [{ var: 'contact.phone' }, '{{ contact.country }}']],
    ['fields of the call that sound alike', [{ var: 'lead.contact_calls' }, { var: 'contact.callsign' }]],
    ['a window that is none', { var: 'contact.calls_24h-or-so' }],
  ])('wants no facts for %s', (_, mention) => {
    expect(windowsOf(mention)).toBeNull();
  });

  it.each(['calls', 'missed', 'last_status', 'last_at', 'open_follow_ups'])(
    'wants facts, of no window, for contact.%s',
    (fact) => {
      expect(windowsOf({ var: `contact.${fact}` })).toEqual({});
    },
  );

  it.each<[string, Json, Record<string, number>]>([
    ['a line of match', { 'contact.calls_24h': { '<': 3 } }, { '24h': 24 * HOUR_MS }],
    ['a template', 'called {{ contact.missed_7d | default: 0 }} times', { '7d': 168 * HOUR_MS }],
    [
      'two windows',
      [{ var: 'contact.missed_1w' }, { var: 'contact.calls_2h30m' }],
      { '1w': 168 * HOUR_MS, '2h30m': 2.5 * HOUR_MS },
    ],
    [
      'brackets',
      `{{ contact["calls_90m"] }} {{ contact['missed_1h'] }}`,
      { '90m': 1.5 * HOUR_MS, '1h': HOUR_MS },
    ],
    ['a template of several lines', '{% if\ncontact.\ncalls_1d > 2 %}', { '1d': 24 * HOUR_MS }],
    ['one window twice', ['{{ contact.calls_24h }}', { var: 'contact.missed_24h' }], { '24h': 24 * HOUR_MS }],
  ])('reads the windows of %s', (_, mention, expected) => {
    expect(windowsOf(mention)).toEqual(expected);
  });

  it('looks into template files', () => {
    expect(windowsOf(true, { 'mail.liquid': 'Tried {{ contact.calls_3d }} times' })).toEqual({
      '3d': 72 * HOUR_MS,
    });
  });

  it('answers any text with windows that are longer than nothing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const windows = windowsOf(`{{ contact.calls_${text} }}`) ?? {};
        expect(Object.values(windows).every((ms) => ms > 0)).toBe(true);
      }),
    );
  });
});
