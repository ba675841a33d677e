import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByteCollector } from './byte-collector.js';

function collect(pieces: readonly Uint8Array[], maxBytes: number): Buffer | null {
  const collector = new ByteCollector(maxBytes);
  for (const piece of pieces) collector.add(Buffer.from(piece));
  return collector.bytes();
}

describe('ByteCollector', () => {
  it('puts pieces of any size together, or says that they were too many', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 })),
        fc.integer({ min: 0, max: 200 }),
        (pieces, maxBytes) => {
          const whole = Buffer.concat(pieces);
          expect(collect(pieces, maxBytes)).toEqual(whole.length <= maxBytes ? whole : null);
        },
      ),
    );
  });

  it('counts what it does not keep', () => {
    const collector = new ByteCollector(3);
    for (let i = 0; i < 10; i++) collector.add(Buffer.from('ab'));
    expect([collector.seen, collector.bytes()]).toEqual([20, null]);
  });

  it('hands a single piece on without copying it', () => {
    const collector = new ByteCollector(3);
    const piece = Buffer.from('abc');
    collector.add(piece);
    expect(collector.bytes()).toBe(piece);
  });
});
