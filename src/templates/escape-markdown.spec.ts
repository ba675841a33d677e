import { describe, expect, it } from '@jest/globals';
import { escapeMarkdown } from './escape-markdown.js';

describe('Markdown in values', () => {
  it.each([
    [
      '**bold** _it_ `code` ~~no~~ ||spoiler||',
      '\\*\\*bold\\*\\* \\_it\\_ \\`code\\` \\~\\~no\\~\\~ \\|\\|spoiler\\|\\|',
    ],
    ['[click](https://evil.example)', '\\[click\\](https://evil.example)'],
    ['<@123> <at>Jane</at> &lt;', '\\<\\@123\\> \\<at\\>Jane\\</at\\> \\&lt;'],
    ['@everyone', '\\@everyone'],
    ['C:\\path', 'C:\\\\path'],
    ['{{DATE(2026-11-23T00:00:00Z)}}', '\\{\\{DATE(2026-11-23T00:00:00Z)\\}\\}'],
    ['- item\n  - item\n# h\n> q', '\\- item\n  \\- item\n\\# h\n\\> q'],
    ['1. one\r\n2) two\n12', '1\\. one\r\n2\\) two\n12'],
    ['title\n===\n---', 'title\n\\===\n\\---'],
  ])('%j shows as it is', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  it.each([
    '+43 664 1234567, (01) 234-5',
    '2026-11-23 at 10:30, 12.5 % of 3.000 = 375!',
    'Jane Doe, "hot" lead; who? jane.doe; a/b',
    '-2 degrees',
  ])('leaves alone what is none: %s', (text) => {
    expect(escapeMarkdown(text)).toBe(text);
  });

  it.each([
    ['see https://x.example/a-b?c=d&e=1#f.', 'see https://x.example/a-b?c=d&e=1#f.'],
    ['(https://x.example/a)', '(https://x.example/a)'],
    ['https://x.example/a_b_(c)*~', 'https://x.example/a%5Fb%5F%28c%29%2A%7E'],
    ['https://good.example@evil.example', 'https://good.example%40evil.example'],
    ['https://x.example|[a](b)', 'https://x.example\\|\\[a\\](b)'],
  ])('keeps an address whole, without marks: %s', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  it('takes no longer for a text made to be slow', () => {
    const before = performance.now();
    escapeMarkdown('https://x.example/' + '(a'.repeat(50_000) + ' '.repeat(50_000));
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
