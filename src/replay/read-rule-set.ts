import { type CompiledRuleSet, compileRuleSet } from '../config/live.js';
import { isJsonObject, type JsonObject } from '../lib/json.js';
import { fingerprintOf } from '../rules/fingerprint.js';
import { type RuleSetContent } from '../rules/rule.js';
import { DeskError } from './desk-error.js';

/** Compiles a rule set that somebody sent. @throws {DeskError} for what is none. */
export function readRuleSet(content: JsonObject): CompiledRuleSet {
  if (!isRuleSet(content)) throw notOne('expected what `aftercall plan` sends');
  try {
    return compileRuleSet(content, fingerprintOf(content));
  } catch (error) {
    throw notOne(error instanceof Error ? error.message : String(error));
  }
}

function isRuleSet(content: unknown): content is RuleSetContent {
  if (!isJsonObject(content) || typeof content.timezone !== 'string' || !Array.isArray(content.rules))
    return false;
  const { tables, calendars, templates } = content;
  return [tables, calendars, templates].every(isJsonObject) && content.rules.every(isRule);
}

function isRule(rule: unknown): boolean {
  if (!isJsonObject(rule) || !isNamed(rule) || !Array.isArray(rule.actions)) return false;
  return typeof rule.file === 'string' && isJsonObject(rule.condition) && rule.actions.every(isAction);
}

function isAction(action: unknown): boolean {
  if (!isJsonObject(action) || !isNamed(action) || !isJsonObject(action.with)) return false;
  return typeof action.to === 'string' || isJsonObject(action.to);
}

function isNamed(value: unknown): boolean {
  return isJsonObject(value) && typeof value.id === 'string';
}

function notOne(why: string): DeskError {
  return new DeskError('bad_request', `rule_set: is no rule set of this version: ${why}`);
}
