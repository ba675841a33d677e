import { describe, expect, it } from '@jest/globals';
import { fenceRefuses } from './fence.js';

describe('fenceRefuses', () => {
  it('lets everything pass where there is no fence', () => {
    expect(fenceRefuses(null, {})).toBe(false);
  });

  it('lets a source with all the labels pass', () => {
    expect(fenceRefuses({ client: 'acme' }, { client: 'acme', direction: 'outbound' })).toBe(false);
  });

  it('refuses another value and a missing label alike', () => {
    expect(fenceRefuses({ client: 'acme' }, { client: 'globex' })).toBe(true);
    expect(fenceRefuses({ client: 'acme' }, {})).toBe(true);
  });
});
