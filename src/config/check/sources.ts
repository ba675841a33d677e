import { isJsonObject, type Json } from '../../lib/json.js';
import { type SourceConfig } from '../config.js';
import { type ConfigFile } from '../config-file.js';
import { type Path } from '../path.js';
import { describeType, describeUnknownName } from '../schema/describe-issue.js';
import { sourceSchema } from '../schema/main-file.js';
import { parseAs } from '../schema/parse-as.js';
import { addIssues, type CheckContext } from './context.js';

/** Tokens shorter than this are found by trying. */
const MIN_TOKEN_LENGTH = 16;

/** One source of `aftercall.yaml`, or null when it has faults, which are reported. */
export function checkSource(
  name: string,
  content: Json,
  file: ConfigFile,
  context: CheckContext,
): SourceConfig | null {
  const { findings, sourceKinds } = context;
  const path: Path = ['sources', name];
  if (!isJsonObject(content)) {
    findings.error(file, path, describeType('object', content));
    return null;
  }
  const parsed = parseAs(sourceSchema, content);
  if (!parsed.ok) addIssues(findings, file, path, parsed.issues);
  const source = typeof content.kind === 'string' ? sourceKinds.get(content.kind) : undefined;
  if (source === undefined && typeof content.kind === 'string')
    findings.error(
      file,
      [...path, 'kind'],
      describeUnknownName('kind of source', content.kind, [...sourceKinds.keys()]),
    );
  if (!parsed.ok || source === undefined) return null;
  const { token, allow_ips: allowIps, timezone = null, labels, expect_every } = parsed.data;
  const tokens = typeof token === 'string' ? [token] : (token ?? []);
  findings.keepSecret(tokens);
  if (tokens.some((each) => each.length < MIN_TOKEN_LENGTH))
    findings.warning(file, [...path, 'token'], weakToken);
  const expectEveryMs = expect_every ?? null;
  return { name, source, tokens, allowIps, timezone, labels, expectEveryMs };
}

export const weakToken = `is shorter than ${MIN_TOKEN_LENGTH} characters and could be guessed; leave it out and one is made`;

export function isWeakToken(token: string): boolean {
  return token.length < MIN_TOKEN_LENGTH;
}
