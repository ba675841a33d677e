import { describe, expect, it } from '@jest/globals';
import { Trouble } from './trouble.js';

function troubleWithLog() {
  const told: unknown[] = [];
  return { told, trouble: new Trouble((error) => told.push(error), ['hunter2!']) };
}

describe('Trouble', () => {
  it('tells each thing once until it is over', () => {
    const { told, trouble } = troubleWithLog();
    trouble.tell(new Error('gone'));
    trouble.tell(new Error('gone'));
    trouble.tell(new Error('slow'));
    trouble.over();
    trouble.tell(new Error('gone'));
    expect(told.map(String)).toEqual(['Error: Redis: gone', 'Error: Redis: slow', 'Error: Redis: gone']);
  });

  it('passes words on, without the secret and without the command that failed', () => {
    const { told, trouble } = troubleWithLog();
    trouble.tell(
      Object.assign(new Error('refused hunter2!'), { command: { name: 'auth', args: ['hunter2!'] } }),
    );
    expect(told).toEqual([new Error('Redis: refused [secret]')]);
    expect(Object.keys(told[0] as object)).toEqual([]);
    expect((told[0] as Error).cause).toBeUndefined();
  });

  it('looks into an error of several addresses', () => {
    const { told, trouble } = troubleWithLog();
    trouble.tell(new AggregateError([new Error('connect ECONNREFUSED ::1'), new Error('and 127.0.0.1')]));
    expect(told.map(String)).toEqual(['Error: Redis: connect ECONNREFUSED ::1, and 127.0.0.1']);
  });
});
