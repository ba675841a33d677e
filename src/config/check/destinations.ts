import { type Adapter } from '../../adapters/adapter.js';
import { type AddressGuard } from '../../egress/address-guard.js';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.js';
import { type DestinationConfig } from '../config.js';
import { type ConfigFile } from '../config-file.js';
import { followWords, type Path } from '../path.js';
import { describeType, describeUnknownKey, describeUnknownName } from '../schema/describe-issue.js';
import { commonDestinationSchema } from '../schema/main-file.js';
import { parseAs } from '../schema/parse-as.js';
import { addIssues, type CheckContext } from './context.js';
import { secretsIn } from './secrets.js';

export interface DestinationCheck extends CheckContext {
  file: ConfigFile;
  interpolated: ReadonlySet<string>;
  guard: AddressGuard;
}

const COMMON_KEYS = Object.keys(commonDestinationSchema.shape);

/** One destination of `aftercall.yaml`, or null when it has faults, which are reported. */
export function checkDestination(
  name: string,
  content: Json,
  check: DestinationCheck,
): DestinationConfig | null {
  const path: Path = ['destinations', name];
  if (!isJsonObject(content)) {
    check.findings.error(check.file, path, describeType('object', content));
    return null;
  }
  const adapter = typeof content.kind === 'string' ? check.kinds.get(content.kind) : undefined;
  if (adapter === undefined) reportKind(content.kind, path, check);
  const common = parseCommon(content, path, check);
  const options = adapter && parseOptions(adapter, content, path, check);
  if (!common || !adapter || !options) return null;
  warnOfAddresses(adapter, options, path, check);
  const { operations, defaultOperation } = adapter.operationsFor?.(options, check.kinds) ?? adapter;
  return {
    name,
    adapter,
    operations,
    defaultOperation: defaultOperation ?? null,
    options,
    enabled: common.enabled,
    only: common.only ?? null,
    retryWaitsMs: common.retry.waits,
    timeoutMs: common.timeout,
    concurrency: common.concurrency,
    rate: common.rate ?? null,
  };
}

function reportKind(kind: Json | undefined, path: Path, { findings, file, kinds }: DestinationCheck): void {
  const known = [...kinds.keys()];
  if (typeof kind === 'string')
    findings.error(file, [...path, 'kind'], describeUnknownName('kind', kind, known));
  else if (kind === undefined)
    findings.error(file, path, `has no kind; expected one of ${known.join(', ')}`, 'key');
  else findings.error(file, [...path, 'kind'], describeType('string', kind));
}

function parseCommon(content: JsonObject, path: Path, { findings, file, interpolated }: DestinationCheck) {
  const part = pick(content, (key) => COMMON_KEYS.includes(key));
  if (typeof part.kind !== 'string') part.kind = '-';
  const parsed = parseAs(commonDestinationSchema, part, path, interpolated);
  if (!parsed.ok) addIssues(findings, file, path, parsed.issues);
  return parsed.ok ? parsed.data : null;
}

function parseOptions(adapter: Adapter, content: JsonObject, path: Path, check: DestinationCheck) {
  const { findings, file, interpolated, kinds } = check;
  const own = Object.keys(adapter.options.shape);
  findings.keepSecret(secretsIn(adapter.options, content));
  const unknown = Object.keys(content).filter((key) => !own.includes(key) && !COMMON_KEYS.includes(key));
  for (const key of unknown)
    findings.error(file, [...path, key], describeUnknownKey(key, [...own, ...COMMON_KEYS]), 'key');
  const part = pick(content, (key) => own.includes(key));
  const parsed = parseAs(adapter.options, part, path, interpolated);
  if (!parsed.ok) addIssues(findings, file, path, parsed.issues);
  if (!parsed.ok || unknown.length > 0) return null;
  const problems = adapter.checkOptions?.(parsed.data, kinds) ?? [];
  for (const { path: words, problem } of problems)
    findings.error(file, [...path, ...followWords(content, words)], problem);
  return problems.length > 0 ? null : parsed.data;
}

function warnOfAddresses(
  adapter: Adapter,
  options: Record<string, unknown>,
  path: Path,
  check: DestinationCheck,
): void {
  for (const host of adapter.addresses?.(options) ?? []) {
    const refusal = check.guard.checkHost(host);
    if (refusal !== null) check.findings.warning(check.file, path, `would be refused: ${refusal}`, 'key');
  }
}

function pick(content: JsonObject, wanted: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(content).filter(([key]) => wanted(key)));
}
