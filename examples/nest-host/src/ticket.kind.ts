import { type AttemptOutcome, defineAdapter } from 'aftercall';
import { z } from 'zod';

/** Stands for the host's own ticket system. */
export const tickets: string[] = [];

/** A destination kind of the host's own: one object. */
export const ticketKind = defineAdapter({
  kind: 'ticket',
  description: 'Opens a ticket in this application.',
  options: z.strictObject({ queue: z.string().describe('Queue that tickets go to') }),
  operations: {
    open: {
      description: 'Opens a ticket.',
      audience: 'colleagues',
      testMarkField: 'subject',
      input: z.strictObject({ subject: z.string().describe('One line') }),
    },
  },
  defaultOperation: 'open',
  send({ input, options, idempotencyKey }): Promise<AttemptOutcome> {
    tickets.push(`${options.queue}: ${String(input.subject)} (${idempotencyKey})`);
    return Promise.resolve({ outcome: 'delivered' });
  },
});
