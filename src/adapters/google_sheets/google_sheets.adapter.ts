import { z } from 'zod';
import { defineAdapter } from '../adapter.js';
import { appendOnce, appendRow, checkAppendRow } from './append-row.js';
import { inspectSheets } from './inspect.js';
import { checkOptions, options } from './sheets-options.js';

export const adapter = defineAdapter({
  kind: 'google_sheets',
  description: 'Appends rows to a Google spreadsheet.',
  options,
  operations: {
    append_row: {
      description: 'Appends one row for the call, unless there is one',
      input: appendRow,
      audience: 'system',
      receipt: z.strictObject({ id: z.string().describe('Number of the row when it was written') }),
      // The second has to find the row of the first.
      isOrdered: () => true,
      check: checkAppendRow,
      repeat: 'The id of the call stands in a column, and is looked for before every attempt',
      limits: [
        'A cell is cut at 50,000 characters',
        'Two reads and one write a row, of 60 each a minute and service account: rate: 30/60s',
        'The column with the ids is read whole: up to about 50,000 rows',
      ],
    },
  },
  defaultOperation: 'append_row',
  checkOptions,
  addresses: ({ base_url: base, token_url: token }) => [base, token].map((url) => new URL(url).hostname),
  inspect: inspectSheets,
  send: appendOnce,
});
