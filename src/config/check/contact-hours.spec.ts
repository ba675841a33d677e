import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Adapter } from '../../adapters/adapter.js';
import { loadAdapters } from '../../adapters/catalogue.js';
import { DEFAULT_CONTACT_LIMITS } from '../../domain/contact-limits.js';
import { DEFAULT_CONTACT_HOURS } from '../../domain/quiet-hours.js';
import { loadSources } from '../../sources/catalogue.js';
import { type Source } from '../../sources/source.js';
import { type Config } from '../config.js';
import { formatProblem, readConfig } from '../read-config.js';

const DAY_MS = 86_400_000;

let kinds: ReadonlyMap<string, Adapter>;
let sourceKinds: ReadonlyMap<string, Source>;

beforeAll(async () => {
  kinds = await loadAdapters();
  sourceKinds = await loadSources();
});

async function good(settings: object, env: Record<string, string> = {}): Promise<Config> {
  const input = { sources: { autocalls: { kind: 'autocalls' } }, ...settings };
  const reading = await readConfig({ input, env, kinds, sourceKinds });
  if (!reading.ok) throw new Error(reading.problems.map(formatProblem).join('\n'));
  return reading.config;
}

describe('who may be contacted', () => {
  it('has defaults', async () => {
    expect(await good({})).toMatchObject({
      contactHours: DEFAULT_CONTACT_HOURS,
      consentPath: null,
      contactMaxAgeMs: DAY_MS,
      contactLimits: DEFAULT_CONTACT_LIMITS,
      maxChain: 3,
    });
  });

  it('says what is given', async () => {
    const contacts = { consent: 'lead.variables.consent', max_age: '2h' };
    expect(await good({ contacts, max_chain: '${CHAIN}' }, { CHAIN: '5' })).toMatchObject({
      ...{ consentPath: 'lead.variables.consent', contactMaxAgeMs: DAY_MS / 12, maxChain: 5 },
    });
  });
});

describe('contact_limits', () => {
  it('stand in place of their default one by one', async () => {
    const limits = async (given: object) => (await good({ contact_limits: given })).contactLimits;
    const { any, call } = DEFAULT_CONTACT_LIMITS;
    expect(await limits({ call: '1/day' })).toEqual({ call: { count: 1, perMs: DAY_MS }, any });
    expect(await limits({ sms: '2/1w' })).toEqual({ sms: { count: 2, perMs: 7 * DAY_MS }, any, call });
    expect(await limits({ any: 'none', call: 'none', email: 'none' })).toEqual({});
  });
});

describe('the hours of contacts', () => {
  it('are those of each part that is given, and the default of the others', async () => {
    const { contactHours } = await good({
      contacts: {
        hours: {
          countries: { US: { 'mon-fri': '09:00-20:00', 'x-note': 'TCPA' } },
          zones: { 'Europe/Vienna': { mon: ['09:00-12:00', '13:00-17:00'] } },
        },
      },
    });
    expect(contactHours.default).toEqual(DEFAULT_CONTACT_HOURS.default);
    expect(Object.keys(contactHours.countries.US ?? {})).toEqual(['mon', 'tue', 'wed', 'thu', 'fri']);
    expect(contactHours.zones['Europe/Vienna']).toEqual({
      mon: [
        { fromMinute: 540, toMinute: 720 },
        { fromMinute: 780, toMinute: 1020 },
      ],
    });
  });

  it('close the days that a default of their own does not name', async () => {
    const hours = { default: { 'mon-fri': '10:00-18:00', sat: '10:00-12:00' } };
    const { contactHours } = await good({ contacts: { hours } });
    expect(contactHours.default.sat).toEqual([{ fromMinute: 600, toMinute: 720 }]);
    expect(contactHours.default.sun).toBeUndefined();
    expect(contactHours).toMatchObject({ countries: {}, zones: {} });
  });
});
