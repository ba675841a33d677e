import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '../lib/json.js';
import { type RuleSetContent } from './rule.js';

/** Names a rule set by its content: equal for equal content whatever the order of keys. 32 hex digits. */
export function fingerprintOf(content: RuleSetContent): string {
  const canonical = canonicalJson(content as unknown as Json);
  return createHash('sha256').update(canonical).digest('hex').slice(0, 32);
}
