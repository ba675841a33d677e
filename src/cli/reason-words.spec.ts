import { describe, expect, it } from '@jest/globals';
import { DELIVERY_REASONS } from '../domain/delivery.js';
import { reasonWords } from './reason-words.js';

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

  it.each(['', 'constructor', 'something else: of a newer version'])('leaves %j as it is', (reason) => {
    expect(reasonWords(reason)).toBe(reason);
  });
});
