import { type Config } from '../config/config.js';

/** Client scope of an event: the label that `contacts.scope` names, `''` without one. */
export function scopeOf({ scopeLabel }: Pick<Config, 'scopeLabel'>, labels: Record<string, string>): string {
  return scopeLabel === null ? '' : (labels[scopeLabel] ?? '');
}
