import { describe, expect, it } from '@jest/globals';
import { type MailMessage } from './mail-client.js';
import { toNodemailer } from './mail-message.js';

const MAIL: MailMessage = {
  ...{ from: 'calls@example.com', to: ['jane@example.com'], subject: 'Hi', text: 'Hello' },
  messageId: '<d1@example.com>',
};
const DKIM = { domainName: 'example.com', keySelector: 's1', privateKey: 'PEM' };

describe('attachments', () => {
  it('are plain text', () => {
    expect(toNodemailer({ ...MAIL, attachments: [{ name: 'a.txt', text: 'x' }] }).attachments).toEqual([
      { filename: 'a.txt', content: 'x', contentType: 'text/plain; charset=utf-8' },
    ]);
  });

  it.each(['a.html', 'a/b.txt', 'a"\r\nX: y.txt', '.txt'])('have no name such as %j', (name) => {
    expect(() => toNodemailer({ ...MAIL, attachments: [{ name, text: 'x' }] })).toThrow('no plain name');
  });
});

describe('a signature of DKIM', () => {
  it('covers what unsubscribes by one click', () => {
    const headers = {
      'List-Unsubscribe': '<https://example.com/stop>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    };
    expect(toNodemailer({ ...MAIL, headers, dkim: DKIM }).dkim).toMatchObject({
      ...DKIM,
      headerFieldNames: expect.stringContaining('Subject:Date:Message-ID'),
    });
    expect(toNodemailer({ ...MAIL, headers, dkim: DKIM }).dkim).toMatchObject({
      headerFieldNames: expect.stringContaining(':List-Unsubscribe:List-Unsubscribe-Post'),
    });
  });

  it('covers what it always does otherwise', () => {
    expect(toNodemailer({ ...MAIL, dkim: DKIM }).dkim).toEqual(DKIM);
  });
});
