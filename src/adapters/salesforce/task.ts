import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.js';
import { type SendRequest } from '../adapter.js';
import { cutText } from '../cut-text.js';
import { DUE_PROBLEM, readDueTime } from '../due-time.js';
import { type Exchange, type Receipt, refuse } from '../exchange.js';
import { readMapping } from '../field-mapping.js';
import { makeOnce } from '../made-once.js';
import { saysTheSame } from '../rich-text.js';
import { textOf } from '../text-of.js';
import { valuesFor } from './field-values.js';
import { dataPath, idIn, writeTo } from './salesforce-api.js';
import { type SalesforceOptions } from './salesforce-options.js';
import { soqlText, soqlTime } from './soql.js';
import { upsertAt } from './upsert.js';

const MAX_NAME = 255;
const MAX_DESCRIPTION = 32_000;

/** Logs the call as a task that is done. Without an External ID field it is found again by its CallObject. */
export async function logCall(exchange: Exchange, options: SalesforceOptions): Promise<Receipt> {
  const key = callKey(exchange.request);
  return makeTask(exchange, options, {
    fields: (begunAt) => ({
      ...callFields(exchange.request.input, begunAt),
      ...(options.task_external_id_field === undefined && { CallObject: key }),
    }),
    where: () => `CallObject = ${soqlText(key)}`,
    hasKey: true,
  });
}

export async function createTask(exchange: Exchange, options: SalesforceOptions): Promise<Receipt> {
  const { input } = exchange.request;
  const fields = (begunAt: number) => taskFields(input, begunAt);
  return makeTask(exchange, options, {
    fields,
    hasKey: false,
    where: (begunAt) => {
      const { Subject, ActivityDate, WhoId } = fields(begunAt);
      const who = WhoId === undefined ? '' : ` AND WhoId = ${soqlText(textOf(WhoId))}`;
      const since = `CreatedDate >= ${soqlTime(begunAt - MARGIN_MS)}`;
      return `Subject = ${soqlText(textOf(Subject))} AND ActivityDate = ${textOf(ActivityDate)}${who} AND ${since}`;
    },
  });
}

/** Salesforce's clock may be behind ours, and of an attempt that died with its process only the second is known. */
const MARGIN_MS = 3_600_000;

interface WantedTask {
  fields: (begunAt: number) => JsonObject;
  /** The condition of SOQL under which it is found again. */
  where: (begunAt: number) => string;
  /** The condition names the one task: no text has to be compared. */
  hasKey: boolean;
}

async function makeTask(exchange: Exchange, options: SalesforceOptions, task: WantedTask): Promise<Receipt> {
  const { now } = exchange.request;
  const { task_external_id_field: field } = options;
  if (field !== undefined) {
    const path = dataPath(options, 'sobjects', 'Task', field, callKey(exchange.request));
    return { id: await upsertAt(exchange, { path, json: task.fields(now) }) };
  }
  const path = dataPath(options, 'sobjects', 'Task');
  const id = await makeOnce(exchange, {
    what: 'task',
    onMade: async (made, begunAt) => {
      const json = task.fields(begunAt);
      const request = { method: 'PATCH', path: `${path}/${encodeURIComponent(made)}`, json } as const;
      return (await writeTo(exchange, { ...request, accept: [404] })).status === 404 ? null : made;
    },
    look: (begunAt) => findTask(exchange, options, task, begunAt),
    make: async (begunAt) => idIn(await writeTo(exchange, { path, json: task.fields(begunAt) })),
  });
  return { id };
}

/** Comments cannot stand in a condition: they are compared here. */
async function findTask(
  exchange: Exchange,
  options: SalesforceOptions,
  { where, fields, hasKey }: WantedTask,
  begunAt: number,
): Promise<string | null> {
  const q = `SELECT Id, Description FROM Task WHERE ${where(begunAt)} ORDER BY CreatedDate LIMIT 50`;
  const { json } = await exchange.read({ path: dataPath(options, 'query'), query: { q } });
  const wanted = textOf(fields(begunAt).Description);
  const isSame = ({ Description }: JsonObject) => hasKey || saysTheSame(textOf(Description), wanted);
  const found = recordsIn(json).find(isSame);
  return typeof found?.Id === 'string' ? found.Id : null;
}

export function recordsIn(json: Json): JsonObject[] {
  const records = isJsonObject(json) ? json.records : null;
  return Array.isArray(records) ? records.filter((record) => isJsonObject(record)) : [];
}

function callFields(input: JsonObject, begunAt: number): JsonObject {
  const { duration, direction, result, date } = input;
  return {
    ...{ TaskSubtype: 'Call', Status: 'Completed', Subject: cutText(textOf(input.subject), MAX_NAME) },
    ...(typeof duration === 'number' && { CallDurationInSeconds: Math.round(duration) }),
    ...(direction !== undefined && { CallType: direction === 'inbound' ? 'Inbound' : 'Outbound' }),
    ...(isGiven(result) && { CallDisposition: cutText(result, MAX_NAME) }),
    ActivityDate: dayOf(isGiven(date) ? date : '0s', begunAt, 'date'),
    ...commonFields(input),
  };
}

/** Status only where it is given: a later revision of the call must not open again what somebody has done. */
function taskFields(input: JsonObject, begunAt: number): JsonObject {
  const { subject, due, priority, status } = input;
  return {
    ...{ TaskSubtype: 'Task', Subject: cutText(textOf(subject), MAX_NAME) },
    ActivityDate: dayOf(textOf(due), begunAt, 'due'),
    ...(isGiven(priority) && { Priority: priority }),
    ...(isGiven(status) && { Status: status }),
    ...commonFields(input),
  };
}

function commonFields({ who, what, description, owner, fields }: JsonObject): JsonObject {
  return {
    ...(isGiven(who) && { WhoId: who }),
    ...(isGiven(what) && { WhatId: what }),
    ...(isGiven(description) && { Description: cutText(description, MAX_DESCRIPTION) }),
    ...(isGiven(owner) && { OwnerId: owner }),
    ...valuesFor(readMapping(fields), {}),
  };
}

function isGiven(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function dayOf(text: string, begunAt: number, field: string): string {
  return readDueTime(text, begunAt)?.date ?? refuse(`${field} ${DUE_PROBLEM}`);
}

/** Names what one action does for one call, within the length of the field. */
function callKey({ call, event }: SendRequest): string {
  const key = `${call.source}:${call.id ?? event.id} ${call.action}`;
  return key.length <= MAX_NAME ? key : createHash('sha256').update(key).digest('base64url');
}
