import { z } from 'zod';
import { type JsonObject } from '../../lib/json.js';
import { cutText } from '../cut-text.js';
import { DUE_PROBLEM, readDueTime } from '../due-time.js';
import { type Exchange, type Receipt, refuse } from '../exchange.js';
import { mappedFields } from '../field-mapping.js';
import { makeOnce } from '../made-once.js';
import { saysTheSame } from '../rich-text.js';
import { textOf } from '../text-of.js';
import { anchorFields, anchorsOf, firstAnchor, numberIn, owner, textIn } from './anchors.js';
import { mappedValues } from './field-values.js';
import { isThere } from './is-there.js';
import { earliestFor, findListed, toSeconds } from './look-back.js';
import { idIn, V2 } from './pipedrive-api.js';

const numericId = (what: string) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `is no id of a ${what}; expected digits`)
    .optional();

export const createDealInput = z.strictObject({
  person: anchorFields.person,
  organization: anchorFields.organization,
  title: z.string().min(1).describe('Title of the deal'),
  pipeline: numericId('pipeline').describe(
    'Id of the pipeline, quoted; default: that of the stage, or the first',
  ),
  stage: numericId('stage').describe('Id of the stage, quoted; default: the first of the pipeline'),
  value: z.number().optional().describe('Value of the deal'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'is no currency; expected three capitals such as EUR')
    .optional()
    .describe('Currency of the value; default: that of the user'),
  close_date: z
    .string()
    .optional()
    .describe('When it is expected to close: a date, or a wait such as 30 days'),
  owner,
  fields: mappedFields
    .optional()
    .describe(
      'Further fields by their keys: those of the API such as label_ids, or the hash of a custom field',
    ),
});

const MAX_TITLE = 255;

/** One that was made before stays as people have moved it since then. */
export async function createDeal(exchange: Exchange): Promise<Receipt> {
  const { input } = exchange.request;
  const path = `${V2}/deals`;
  const id = await makeOnce(exchange, {
    what: 'deal',
    onMade: (made) => isThere(exchange, `${path}/${encodeURIComponent(made)}`, made),
    look: (begunAt, isKnown) => {
      const earliest = earliestFor(begunAt, isKnown);
      const order = { sort_by: 'add_time', sort_direction: 'desc', limit: 100 };
      const query = { ...firstAnchor(input), updated_since: toSeconds(earliest), ...order };
      const title = titleOf(input);
      // A deal of last month may have been moved a minute ago.
      return findListed(
        exchange,
        { path, query },
        (deal) => Date.parse(textOf(deal.add_time)) >= earliest && saysTheSame(textOf(deal.title), title),
      );
    },
    make: async (begunAt) => idIn(await exchange.write({ path, json: deal(input, begunAt) })),
  });
  return { id };
}

function titleOf(input: JsonObject): string {
  return cutText(textIn(input, 'title') ?? '', MAX_TITLE);
}

function deal(input: JsonObject, begunAt: number): JsonObject {
  const { value, currency } = input;
  const ids = { pipeline_id: numberIn(input, 'pipeline'), stage_id: numberIn(input, 'stage') };
  const given = Object.entries({ ...ids, owner_id: numberIn(input, 'owner') }).filter(
    (entry): entry is [string, number] => entry[1] !== undefined,
  );
  const closes = textIn(input, 'close_date');
  const closeDate =
    closes === undefined ? null : (readDueTime(closes, begunAt) ?? refuse(`close_date ${DUE_PROBLEM}`));
  return {
    title: titleOf(input),
    ...Object.fromEntries(given),
    ...(typeof value === 'number' && { value }),
    ...(typeof currency === 'string' && { currency }),
    ...(closeDate !== null && { expected_close_date: closeDate.date }),
    ...anchorsOf(input),
    ...mappedValues(input.fields),
  };
}
