import { type Operation } from '../adapters/adapter.js';
import { type RenderedInput, renderInput } from '../adapters/render-input.js';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.js';
import { type Templates } from '../templates/templates.js';

/** One message about Aftercall's own trouble; its fields are what the texts in `with` may use. */
export interface AlertMessage {
  /** All lines, for people. */
  text: string;
  /** One short line. */
  subject: string;
  /** How many things happened, over all lines. */
  count: number;
  /** The lines one by one, for machines. */
  alerts: JsonObject[];
}

/**
 * Input of an alert as it would be written for an action: our text goes where kinds take it by convention, which is
 * `text` and `subject`, or `body` where there is no `text`; what `with` says is laid over it.
 */
export function alertContent(operation: Operation, given: JsonObject): JsonObject {
  const fields = Object.keys(operation.input.shape);
  const ours: JsonObject = {};
  if (fields.includes('text')) ours.text = '{{ text }}';
  else if (fields.includes('body')) ours.body = { text: '{{ text }}', alerts: '{{ alerts }}' };
  if (fields.includes('subject')) ours.subject = '{{ subject }}';
  const laid: [string, Json][] = Object.entries(given).map(([key, value]) => [key, over(ours[key], value)]);
  return { ...ours, ...Object.fromEntries(laid) };
}

function over(below: Json | undefined, value: Json): Json {
  return isJsonObject(below) && isJsonObject(value) ? { ...below, ...value } : value;
}

/**
 * Renders an alert for its operation, escaped for each field, and checks it by the operation's schema. Pure. A
 * variable that alerts do not have is marked by default: nothing may keep one from being told.
 */
export function renderAlert(
  operation: Operation,
  given: JsonObject,
  message: AlertMessage,
  { templates, ifMissing = 'mark' }: { templates: Templates; ifMissing?: 'mark' | 'hold' },
): RenderedInput {
  const content = alertContent(operation, given);
  return renderInput(operation, content, { templates, data: { ...message }, ifMissing, isTest: false });
}
