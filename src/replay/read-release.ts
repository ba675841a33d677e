import { type Config } from '../config/config.js';
import { type Delivery, type ReleaseChanges } from '../domain/delivery.js';
import { nearest } from '../lib/nearest.js';
import { DeskError } from './desk-error.js';
import { type ReleaseOptions } from './queries.js';

/**
 * What is changed by a release. Names of inputs are checked at once where the operation is known; values are
 * checked with the whole input when it is rendered.
 * @param delivery null for many at once.
 * @throws {DeskError} for an input that the operation does not have.
 */
export function readRelease(
  { if_missing: ifMissing, with: input }: ReleaseOptions,
  delivery: Delivery | null,
  config: Config,
): ReleaseChanges {
  if (delivery && input) checkNames(Object.keys(input), delivery, config);
  return { ...(ifMissing !== undefined && { ifMissing }), ...(input !== undefined && { with: input }) };
}

function checkNames(names: string[], { destination, operation }: Delivery, config: Config): void {
  const schema = config.destinations.get(destination)?.operations[operation]?.input;
  if (!schema) return;
  const known = Object.keys(schema.shape);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  const hint = near === null ? `there are ${known.join(', ')}` : `did you mean ${near}?`;
  throw new DeskError('bad_request', `with.${unknown}: ${operation} has no such input; ${hint}`);
}
