import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { defineAdapter, type SendRequest } from '../adapter.js';
import { makeAttempt, refuse } from '../exchange.js';
import { inspectZoho } from './inspect.js';
import { addNote, addNoteInput } from './note.js';
import { checkUpsertRecord, upsertRecord, upsertRecordInput } from './upsert-record.js';
import { zohoApi } from './zoho-api.js';
import { accountsUrl, baseUrl, options, type ZohoOptions } from './zoho-options.js';

const receiptOf = (what: string) => z.strictObject({ id: z.string().describe(`Id of the ${what}`) });

export const adapter = defineAdapter({
  kind: 'zoho',
  description: 'Writes records of any module and notes to Zoho CRM.',
  options,
  operations: {
    upsert_record: {
      description: 'Creates a record or updates the one with the same value in a unique field',
      input: upsertRecordInput,
      audience: 'system',
      receipt: receiptOf('record'),
      isOrdered: () => true,
      check: checkUpsertRecord,
      repeat: 'An upsert by duplicate_check_fields may be repeated',
      limits: ['Credits of the account in 24 hours and 5 to 25 requests at once, by edition: concurrency: 2'],
    },
    add_note: {
      description: 'Adds a note to a record, or rewrites the one of the same call',
      input: addNoteInput,
      audience: 'system',
      receipt: receiptOf('note'),
      repeat: 'The notes of the record are listed first, and what the same call left is rewritten',
      limits: ['Title is cut at 120 characters, content at 32,000'],
    },
  },
  addresses: (given) => [new URL(accountsUrl(given)).hostname, new URL(baseUrl(given)).hostname],
  inspect: inspectZoho,
  send,
});

function send(request: SendRequest<ZohoOptions>): Promise<AttemptOutcome> {
  const { operation } = request;
  return makeAttempt(request, zohoApi(request), (exchange) => {
    if (operation === 'upsert_record') return upsertRecord(exchange);
    return operation === 'add_note' ? addNote(exchange) : refuse(`there is no operation ${operation}`);
  });
}
