import { type Json, isJsonObject } from '../../lib/json.js';
import { type ApiAnswer, endAttempt, type Exchange } from '../exchange.js';
import { type Association } from './associations.js';
import { describeError, errorIn, type HubSpotError } from './hubspot-api.js';
import { type HubSpotOptions } from './hubspot-options.js';
import { objectsPath } from './paths.js';
import { creationOf, type RecordType } from './record-type.js';

export interface CrmRecord {
  id: string;
  properties: Record<string, Json | undefined>;
}

/** Every value is a text in HubSpot's API. */
export type Properties = Record<string, string>;

export interface Filter {
  propertyName: string;
  operator: 'EQ' | 'GTE';
  value: string;
}

/** A record was not made because one with the same unique value is there: its id. */
export interface Conflict {
  existingId: string;
}

/** Records of one account, read and written by one attempt. */
export class Records {
  constructor(
    private readonly exchange: Exchange,
    private readonly options: HubSpotOptions,
  ) {}

  /** By its id or by a unique property; null where there is none. */
  async read(
    type: RecordType,
    id: string,
    { properties, idProperty }: { properties?: string[]; idProperty?: string } = {},
  ): Promise<CrmRecord | null> {
    const answer = await this.exchange.read({
      path: this.#path(type, id),
      query: { properties: properties?.join(','), idProperty },
      accept: [404],
    });
    return answer.status === 404 ? null : asRecord(answer);
  }

  /** The records that meet all filters of one of the groups, oldest first. */
  async search(type: RecordType, groups: Filter[][], properties: string[]): Promise<CrmRecord[]> {
    const filterGroups: Json[] = groups.map((filters) => ({
      filters: filters.map((filter) => ({ ...filter })),
    }));
    const answer = await this.exchange.read({
      ...{ method: 'POST', path: `${this.#path(type)}/search` },
      json: { filterGroups, properties, sorts: [creationOf(type)], limit: 20, after: '0' },
    });
    const { results } = isJsonObject(answer.json) ? answer.json : {};
    return (Array.isArray(results) ? results : []).flatMap((result) => readRecord(result) ?? []);
  }

  async create(
    type: RecordType,
    properties: Properties,
    associations: Association[] = [],
  ): Promise<string | Conflict> {
    const json = { properties, associations: associations.map((association) => ({ ...association })) };
    const answer = await this.exchange.write({ path: this.#path(type), json, accept: [409] });
    return answer.status === 409 ? conflictOf(answer, errorIn(answer.json)) : asRecord(answer).id;
  }

  /** The id, which differs from the one asked for where records were merged; null where it is gone. */
  async update(type: RecordType, id: string, properties: Properties): Promise<string | Conflict | null> {
    const answer = await this.exchange.write({
      ...{ method: 'PATCH', path: this.#path(type, id), json: { properties }, accept: [404, 409] },
    });
    if (answer.status === 404) return null;
    return answer.status === 409 ? conflictOf(answer, errorIn(answer.json)) : asRecord(answer).id;
  }

  /** Makes or updates the one record with this value of a unique property. */
  async upsert(type: RecordType, idProperty: string, properties: Properties): Promise<string | Conflict> {
    const inputs = [{ idProperty, id: properties[idProperty] ?? '', properties }];
    const answer = await this.exchange.write({
      ...{ path: `${this.#path(type)}/batch/upsert`, json: { inputs }, accept: [409] },
    });
    const { results, errors } = isJsonObject(answer.json) ? answer.json : {};
    const [record] = (Array.isArray(results) ? results : []).flatMap((result) => readRecord(result) ?? []);
    if (record !== undefined && answer.status !== 409) return record.id;
    // A batch with errors is answered with 207, which looks like a success.
    return conflictOf(answer, errorIn(Array.isArray(errors) ? errors[0] : answer.json));
  }

  #path(type: RecordType, id?: string): string {
    const path = objectsPath(this.options, type);
    return id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
  }
}

/** Ends the attempt where the error names no record. */
function conflictOf(answer: ApiAnswer, error: HubSpotError): Conflict {
  const existingId = /Existing ID: ?(\d+)/i.exec(error.message)?.[1];
  if (existingId !== undefined) return { existingId };
  const failed = { httpStatus: answer.status, message: describeError(answer, error) };
  if (error.category === 'RATE_LIMITS')
    return endAttempt({ outcome: 'retry', reason: 'rate_limited', ...failed, afterMs: 10_000 });
  return endAttempt({ outcome: 'rejected', reason: 'client_error', ...failed });
}

function readRecord(value: Json | undefined): CrmRecord | null {
  if (!isJsonObject(value)) return null;
  const { id, properties } = value;
  if (typeof id !== 'string' && typeof id !== 'number') return null;
  return { id: String(id), properties: isJsonObject(properties) ? properties : {} };
}

/** A success without an id was given by something else on the way. */
function asRecord(answer: ApiAnswer): CrmRecord {
  return (
    readRecord(answer.json) ??
    endAttempt({
      ...{ outcome: 'unknown', reason: 'server_error', httpStatus: answer.status },
      message: `no answer of HubSpot: ${describeError(answer, errorIn(answer.json))}`,
    })
  );
}

export function isConflict(result: string | Conflict | null): result is Conflict {
  return typeof result === 'object' && result !== null;
}
