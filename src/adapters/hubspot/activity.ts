import { type JsonObject } from '../../lib/json.js';
import { type SendRequest } from '../adapter.js';
import { DUE_PROBLEM, readDueTime } from '../due-time.js';
import { type Exchange, type Receipt, refuse } from '../exchange.js';
import { makeOnce } from '../made-once.js';
import { saysTheSame } from '../rich-text.js';
import { anchorsOf, associationsOf } from './associations.js';
import { type HubSpotOptions } from './hubspot-options.js';
import { mappedProperties } from './property-values.js';
import { type Conflict, type Filter, isConflict, type Properties, Records } from './records.js';
import { creationOf, type RecordType } from './record-type.js';

/** One kind of record that an action makes for a call. */
export interface Activity {
  type: RecordType;
  /** Its properties; `begunAt` is when the first attempt began. */
  properties: (begunAt: number) => Properties;
  /** Of the properties: those by which it is found again. */
  foundBy: string[];
  /** The property with the text that tells it from others found. */
  text: string;
  /** Whether a later revision of the call is written over it; else what people made of it since then stays. */
  isUpdated: boolean;
  /** Looked for before the first attempt as well. */
  alwaysLooks?: boolean;
}

/** Makes it once for the call, associated with the records that the input names. */
export async function makeActivity(
  exchange: Exchange,
  { input, options }: SendRequest<HubSpotOptions>,
  activity: Activity,
): Promise<Receipt> {
  const records = new Records(exchange, options);
  const { type, isUpdated, properties } = activity;
  const id = await makeOnce(exchange, {
    what: type,
    alwaysLooks: activity.alwaysLooks,
    onMade: async (made, begunAt) => {
      if (!isUpdated) return (await records.read(type, made))?.id ?? null;
      return idOf(await records.update(type, made, properties(begunAt)));
    },
    look: (begunAt, isKnown) => findMade(records, activity, { begunAt, isKnown }, input),
    make: async (begunAt) => {
      const made = await records.create(type, properties(begunAt), associationsOf(type, input));
      return isConflict(made) ? made.existingId : made;
    },
  });
  return { id };
}

function idOf(result: string | Conflict | null): string | null {
  return isConflict(result) ? result.existingId : result;
}

/** Ours and HubSpot's clock may differ. */
const CLOCK_MS = 5 * 60_000;
/** A process that died is back within a day. */
const UNKNOWN_MS = 24 * 60 * 60_000;

interface Beginning {
  begunAt: number;
  isKnown: boolean;
}

/** Of the records with the same values and associations, the one that says the same. */
async function findMade(
  records: Records,
  activity: Activity,
  beginning: Beginning,
  input: JsonObject,
): Promise<string | null> {
  const { type, text, properties } = activity;
  const wanted = properties(beginning.begunAt)[text] ?? '';
  const found = await records.search(type, [filtersOf(activity, beginning, input)], [text]);
  const same = found.find(({ properties: present }) => {
    const says = present[text];
    return typeof says === 'string' && saysTheSame(says, wanted);
  });
  return same?.id ?? null;
}

function filtersOf(
  { type, foundBy, properties }: Activity,
  { begunAt, isKnown }: Beginning,
  input: JsonObject,
): Filter[] {
  const wanted = properties(begunAt);
  // What follows from the time of the first attempt tells nothing where this time is not known.
  const names = foundBy.filter((name) => isKnown || wanted[name] === properties(0)[name]);
  const filters = names.flatMap((name) => filterFor(name, wanted[name]));
  const [anchor] = anchorsOf(input);
  if (anchor !== undefined) filters.push(...filterFor(`associations.${anchor[0]}`, anchor[1]));
  if (names.includes('hs_timestamp')) return filters;
  const earliest = begunAt - (isKnown ? CLOCK_MS : UNKNOWN_MS);
  return [...filters, { propertyName: creationOf(type), operator: 'GTE', value: String(earliest) }];
}

function filterFor(propertyName: string, value: string | undefined): Filter[] {
  return value === undefined ? [] : [{ propertyName, operator: 'EQ', value }];
}

/** Undefined where the input gives none. */
export function textIn(input: JsonObject, name: string): string | undefined {
  const text = input[name];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** In milliseconds, as a text. A wait counts from the first attempt. */
export function timeIn(input: JsonObject, name: string, begunAt: number): string | undefined {
  const text = textIn(input, name);
  if (text === undefined) return undefined;
  const time = readDueTime(text, begunAt);
  return time === null ? refuse(`${name} ${DUE_PROBLEM}`) : String(time.at);
}

/** With the owner and the further properties of the rule, which win. */
export function withFurther(properties: Record<string, string | undefined>, input: JsonObject): Properties {
  const given = Object.entries({ ...properties, hubspot_owner_id: textIn(input, 'owner') }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...Object.fromEntries(given), ...mappedProperties(input.properties) };
}
