import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { type Json } from '../lib/json.js';
import { EXAMPLES } from './examples.js';
import { refTo, type SchemaName } from './schemas.js';

/** Refusals by HTTP status; 400, 401, 500 and 503 may answer any route. */
const REFUSALS = {
  400: ['bad_request', 'limit: expected a whole number from 1 to 1000'],
  401: ['unauthorized', 'wrong or missing token; give the admin token as Authorization: Bearer'],
  404: ['not_found', 'there is no delivery "019468ca-7f4e-7c3a-9a1b-2f0c64d5e6f7"'],
  409: ['conflict', 'this delivery is delivered; retry is for dead or pending deliveries'],
  413: ['too_large', 'the body is over 1 MiB'],
  422: ['unreadable', 'this event cannot be read as a call'],
  500: ['internal_error', 'something went wrong here; the log says what'],
  503: ['unavailable', 'the store cannot be used at the moment; try again'],
} as const;

type RefusalStatus = keyof typeof REFUSALS;

export interface RouteDescription {
  summary: string;
  answers: SchemaName;
  /** Refusals beside those that any route has. */
  refuses?: RefusalStatus[];
  /** What `:id`, `:name` or `:contact` in the address means. */
  param?: { name: 'id' | 'name' | 'contact'; description: string; example: string };
}

/** What the OpenAPI document says about a route: its answer with an example, and every refusal with one. */
export function Describe({ summary, answers, refuses = [], param }: RouteDescription): MethodDecorator {
  const statuses = [...new Set<RefusalStatus>([400, 401, ...refuses, 500, 503])].sort();
  return applyDecorators(
    ApiOperation({ summary }),
    ...(param ? [ApiParam({ ...param, type: String })] : []),
    ApiResponse({ status: 200, description: 'Done.', content: json(answers, EXAMPLES[answers]) }),
    ...statuses.map((status) => ApiResponse({ status, ...refused(status) })),
  );
}

function refused(httpStatus: RefusalStatus) {
  const [status, message] = REFUSALS[httpStatus];
  return { description: `\`${status}\``, content: json('Refusal', { status, message }) };
}

function json(schema: SchemaName, example: Json) {
  return { 'application/json': { schema: refTo(schema), example } };
}
