import {
  Allow,
  registerDecorator,
  ValidateIf,
  type ValidationArguments,
  validateSync,
} from 'class-validator';
import { type Problem } from '../../domain/event.js';
import { type Json, type JsonObject } from '../../lib/json.js';

/** Longer ids fit no index of a database; the vendor's have some ten digits. */
const MAX_ID_LENGTH = 200;

/** No control characters and no lone surrogates: PostgreSQL refuses the ones and confuses the others. */
const TEXT_ID = new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${MAX_ID_LENGTH}}$`, 'u');

const EXPECTED_ID = `expected a whole number or a text of 1 to ${MAX_ID_LENGTH} characters`;

/**
 * The body of a post-call webhook as far as it must hold. Shallow on purpose: a call that can be read is worth
 * more than a call that matches the vendor's page, so only what says which call it is gets checked. Instances
 * are filled by hand, because class-transformer must not touch what strangers send.
 */
class PostCallBody {
  /** The call's id. The vendor's test button sends none. */
  @ValidateIf((body: PostCallBody) => !looksLikeTest(body))
  @IsCallId()
  id: Json | undefined;

  @Allow()
  status: Json | undefined;

  @Allow()
  extracted_variables: Json | undefined;

  constructor({ id, status, extracted_variables }: JsonObject) {
    this.id = id;
    this.status = status;
    this.extracted_variables = extracted_variables;
  }
}

/** Says what keeps a body from being read as a call or as the vendor's test; empty when nothing does. */
export function checkBody(body: JsonObject): Problem[] {
  const errors = validateSync(new PostCallBody(body), { validationError: { target: false, value: false } });
  return errors.flatMap(({ property, constraints = {} }) =>
    Object.values(constraints).map((problem) => ({ path: property, problem })),
  );
}

function looksLikeTest({ id, status, extracted_variables }: PostCallBody): boolean {
  return (id === undefined || id === null) && status !== undefined && extracted_variables !== undefined;
}

function IsCallId() {
  return (target: object, propertyName: string): void => {
    const validator = { validate: isCallId, defaultMessage: describeBadId };
    registerDecorator({ name: 'isCallId', target: target.constructor, propertyName, validator });
  };
}

function isCallId(id: unknown): boolean {
  if (typeof id === 'number') return Number.isInteger(id) && Math.abs(id) <= 2 ** 53;
  return typeof id === 'string' && id.trim() !== '' && TEXT_ID.test(id);
}

/** Names the type, never the value. */
function describeBadId(args?: ValidationArguments): string {
  const id: unknown = args?.value;
  if (id === undefined || id === null)
    return `missing; ${EXPECTED_ID} (only a test with status and extracted_variables may come without)`;
  return `is ${describe(id)}; ${EXPECTED_ID}`;
}

function describe(id: unknown): string {
  if (Array.isArray(id)) return 'a list';
  if (typeof id === 'number') return 'not a whole number that can be exact';
  if (typeof id === 'string') return 'empty, too long or holds control characters';
  return typeof id === 'object' ? 'an object' : `a ${typeof id}`;
}
