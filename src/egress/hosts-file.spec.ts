import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHostsFile, parseHosts } from './hosts-file.js';

describe('parseHosts', () => {
  it('reads addresses, names, aliases and comments', () => {
    const names = parseHosts(
      '# all\n127.0.0.1\tlocalhost  Box.Example\r\n::1 localhost # six\n\nnonsense here\n10.0.0.1\n',
    );
    expect([...names]).toEqual([
      [
        'localhost',
        [
          { address: '127.0.0.1', family: 4 },
          { address: '::1', family: 6 },
        ],
      ],
      ['box.example', [{ address: '127.0.0.1', family: 4 }]],
    ]);
  });

  it('never throws, and names addresses only', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const addresses of parseHosts(text).values())
          expect(addresses.every(({ family }) => family === 4 || family === 6)).toBe(true);
      }),
    );
  });
});

describe('createHostsFile', () => {
  it('names nobody where there is no file', async () => {
    expect(await createHostsFile('/nowhere').find('localhost')).toEqual([]);
  });
});
