import { type z } from 'zod';
import { type AddressGuard, createAddressGuard } from '../../egress/address-guard.js';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.js';
import { type DestinationConfig, type SourceConfig } from '../config.js';
import { readRedisUrl } from '../../lib/redis-url.js';
import { type ConfigFile } from '../config-file.js';
import { describeType } from '../schema/describe-issue.js';
import { type MainFile, mainFileSchema } from '../schema/main-file.js';
import { parseAs } from '../schema/parse-as.js';
import { addIssues, type CheckContext } from './context.js';
import { checkDestination } from './destinations.js';
import { passwordsIn } from './secrets.js';
import { checkSource, isWeakToken, weakToken } from './sources.js';

/** `aftercall.yaml`, part by part; null marks a part with faults. */
export interface MainSettings {
  file: ConfigFile;
  values: MainFile;
  sources: Map<string, SourceConfig | null>;
  destinations: Map<string, DestinationConfig | null>;
}

/** Checks `aftercall.yaml`. Null when it is no mapping at all. */
export function checkMainFile(
  file: ConfigFile,
  content: Json,
  interpolated: ReadonlySet<string>,
  context: CheckContext,
): MainSettings | null {
  const { findings } = context;
  if (!isJsonObject(content)) {
    findings.error(file, [], describeType('object', content));
    return null;
  }
  const parsed = parseAs(mainFileSchema, content, [], interpolated);
  if (!parsed.ok) addIssues(findings, file, [], parsed.issues);
  const values = parsed.ok ? parsed.data : readableParts(mainFileSchema, content);
  checkServerSettings(values, file, context);
  const check = { ...context, file, interpolated, guard: guardOf(values) };
  const sources = mapEntries(content.sources, (name, entry) => checkSource(name, entry, file, context));
  const destinations = mapEntries(content.destinations, (name, entry) =>
    checkDestination(name, entry, check),
  );
  if (parsed.ok && sources.size === 0)
    findings.warning(file, ['sources'], 'no source is configured, so no call can come in', 'key');
  return { file, values, sources, destinations };
}

/** The parts of a file without faults, defaults for the rest: enough to check what depends on them. */
export function readableParts<T extends z.ZodObject>(schema: T, content: JsonObject): z.output<T> {
  const fields = Object.entries<z.ZodType>(schema.shape);
  const good = fields.filter(([key, field]) => key in content && field.safeParse(content[key]).success);
  return schema.parse({ ...Object.fromEntries(good.map(([key]) => [key, content[key]])), schema: 1 });
}

function mapEntries<T>(content: Json | undefined, check: (name: string, entry: Json) => T): Map<string, T> {
  const entries = isJsonObject(content) ? Object.entries(content) : [];
  return new Map(entries.map(([name, entry]) => [name, check(name, entry)]));
}

function guardOf(values: MainFile): AddressGuard {
  return createAddressGuard(values.egress.allow);
}

/** Never quotes the address, which may hold a password. */
function storageProblem(storage: string): string | null {
  if (storage.startsWith('sqlite:')) return null;
  const expected = 'expected postgres://user:password@host/database';
  if (!URL.canParse(storage))
    return `is no address; ${expected}, with special characters in the password written as %XX`;
  return new URL(storage).pathname.length > 1 ? null : `names no database; ${expected}`;
}

function queueProblem(queue: string): string | null {
  try {
    readRedisUrl(queue);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function checkServerSettings(values: MainFile, file: ConfigFile, { findings }: CheckContext): void {
  const { storage, queue, admin } = values;
  findings.keepSecret([storage, queue ?? ''].flatMap(passwordsIn));
  if (queue !== undefined && storage.startsWith('sqlite:'))
    findings.error(file, ['queue'], 'works with postgres only; take it out, or set storage: postgres://…');
  const badStorage = storageProblem(storage);
  if (badStorage !== null) findings.error(file, ['storage'], badStorage);
  const badQueue = queue === undefined ? null : queueProblem(queue);
  if (badQueue !== null) findings.error(file, ['queue'], badQueue);
  if (admin.token === undefined) return;
  findings.keepSecret([admin.token]);
  if (isWeakToken(admin.token)) findings.warning(file, ['admin', 'token'], weakToken);
}
