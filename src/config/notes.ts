import { isJsonObject, type Json } from '../lib/json.js';

/** Maps whose keys are ours, nested; `*` stands for any key or list item. Everywhere else, keys are data. */
export interface OwnMaps {
  [key: string]: OwnMaps;
}

export const MAIN_FILE_MAPS: OwnMaps = {
  server: {},
  admin: {},
  sources: { '*': {} },
  destinations: { '*': { retry: {} } },
  tables: {},
  calendars: { '*': {} },
  contacts: { hours: { default: {}, countries: { '*': {} }, zones: { '*': {} } } },
  contact_limits: {},
  egress: {},
  alerts: { '*': {} },
};

const ACTION_MAPS: OwnMaps = {
  '*': {
    to: {},
    only_if: {},
    at: {},
    cancel_when: { later_call: {} },
    call_tries: { until: {} },
    digest: {},
    retry: {},
  },
};
const RULE_MAPS: OwnMaps = { then: ACTION_MAPS, expect: { call: {}, else: ACTION_MAPS } };
export const RULE_FILE_MAPS: OwnMaps = {
  defaults: {},
  rules: { '*': RULE_MAPS },
  tests: { '*': { given: {}, expect: { actions: { '*': {} } } } },
};

/** The same content without the keys that start with `x-`, which are free for notes. */
export function withoutNotes(value: Json, own: OwnMaps | undefined): Json {
  if (own === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => withoutNotes(item, own['*']));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => !key.startsWith('x-'));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNotes(inner, own[key] ?? own['*'])]));
}
