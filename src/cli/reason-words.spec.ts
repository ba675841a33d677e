import { describe, expect, it } from '@jest/globals';
import { DELIVERY_REASONS } from '../domain/delivery.js';
import { reasonWords, whyLater } from './reason-words.js';

describe('reasonWords', () => {
  it.each([...DELIVERY_REASONS])('has words for %s', (reason) => {
    expect(reasonWords(reason)).not.toBe(reason);
    expect(reasonWords(`${reason}: lead.x`)).toContain('lead.x');
  });

  it('says why it is unknown', () => {
    expect(reasonWords('unknown: interrupted')).toContain('(Aftercall was stopped meanwhile)');
    expect(reasonWords('unknown: timeout')).toBe(
      'sent, but nobody knows whether it arrived (no answer in time)',
    );
  });

  it('says who put a contact on the list', () => {
    expect(reasonWords('stopped: by_person')).toBe('the contact is not to be reached (asked by a person)');
    expect(reasonWords('stopped: opt-out.stop')).toContain('(asked by opt-out.stop)');
  });

  it('says whose max_age a call was too old for', () => {
    expect(reasonWords('too_old')).toBe('the call was older than the max_age of the rule');
    expect(reasonWords('too_old: told 3 days after the call ended')).toBe(
      'the call is too old to reach its contact (contacts.max_age): told 3 days after the call ended',
    );
  });

  it('says how the time came about where it is said already that it is later', () => {
    expect(whyLater('follow_up: 2 days after the call')).toBe('2 days after the call');
    expect(whyLater('snoozed')).toBe('a person moved it');
  });

  it.each(['', 'constructor', 'something else: of a newer version'])('leaves %j as it is', (reason) => {
    expect(reasonWords(reason)).toBe(reason);
  });
});
