import { describe, expect, it } from '@jest/globals';
import { type StoredAlert } from '../store/store.js';
import { composeMessage } from './compose-message.js';

const AT = Date.UTC(2025, 0, 15, 10, 30);

function alert(changes: Partial<StoredAlert> = {}): StoredAlert {
  return {
    ...{ id: '01', entry: 0, destination: 'ops', cause: 'dead crm timeout', reason: 'dead' },
    ...{
      line: '2 deliveries to crm died.',
      count: 2,
      createdAt: AT,
      dueAt: AT,
      attemptCount: 0,
      passedOver: 0,
    },
    ...changes,
  };
}

describe('composeMessage', () => {
  it('says one alert in one line', () => {
    expect(composeMessage([alert()])).toEqual({
      text: 'Aftercall, 2025-01-15 10:30 UTC: 2 deliveries to crm died.',
      subject: 'Aftercall: deliveries died',
      count: 2,
      alerts: [
        {
          ...{ reason: 'dead', cause: 'dead crm timeout', count: 2, passed_over: 0 },
          ...{ line: '2 deliveries to crm died.', at: '2025-01-15T10:30:00.000Z' },
        },
      ],
    });
  });

  it('says several in a list, with one subject and the sum of their counts', () => {
    const quarantined = { reason: 'quarantined', line: '1 webhook could not be read.', count: 1 };
    const message = composeMessage([alert(), alert({ passedOver: 7 }), alert(quarantined)]);
    expect(message.text.split('\n')).toEqual([
      'Aftercall:',
      '- 2025-01-15 10:30 UTC: 2 deliveries to crm died.',
      '- 2025-01-15 10:30 UTC: 2 deliveries to crm died. (7 more of the same went before)',
      '- 2025-01-15 10:30 UTC: 1 webhook could not be read.',
    ]);
    expect(message).toMatchObject({
      subject: 'Aftercall: deliveries died, webhooks could not be read',
      count: 5,
    });
  });

  it('counts the lines that nobody would read', () => {
    const { text, alerts } = composeMessage(Array.from({ length: 500 }, () => alert()));
    expect(text.split('\n')).toHaveLength(32);
    expect(text).toContain('and 470 more.');
    expect(alerts).toHaveLength(500);
  });
});
