import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeText, encodeText } from './text.js';

/** Any UTF-16, lone surrogates, NUL and the mark itself included. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 1, 0xd800)))
  .map((units) => String.fromCharCode(...units));

describe('encodeText', () => {
  it('leaves ordinary text alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => expect(encodeText(text)).toBe(text)),
    );
    expect(encodeText('Zoë 😀')).toBe('Zoë 😀');
  });

  it('gives what every database keeps, and reads back exactly', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const stored = encodeText(text);
        expect(stored).not.toContain('\u0000');
        expect(Buffer.from(stored, 'utf8').toString('utf8')).toBe(stored);
        expect(decodeText(stored)).toBe(text);
      }),
    );
  });

  it('keeps different texts different', () => {
    fc.assert(fc.property(anyText, anyText, (a, b) => expect(encodeText(a) === encodeText(b)).toBe(a === b)));
  });
});
