import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Operation } from '../adapters/adapter.js';
import { type Config } from '../config/config.js';
import { type CompiledAction, type CompiledRuleSet } from '../config/live.js';
import { DEFAULT_CONTACT_LIMITS } from '../domain/contact-limits.js';
import { DEFAULT_CONTACT_HOURS } from '../domain/quiet-hours.js';
import { type JsonObject } from '../lib/json.js';
import { source } from '../sources/autocalls/autocalls.source.js';
import { type ClaimedDelivery, type ReachRequest, type ReachResult } from '../store/store.js';
import { reachContact, type Reaching } from './reach-contact.js';
import { type SendTools } from './send-tools.js';

const NOW = Date.parse('2026-03-10T09:00:00Z');
const ANN = '+436641111111';

let asked: ReachRequest[];
let answer: ReachResult;

beforeEach(() => {
  asked = [];
  answer = { is: 'go', why: '' };
});

function tools(config: Partial<Config> = {}, timezone: string | null = null): SendTools {
  const whole = {
    ...{ contactHours: DEFAULT_CONTACT_HOURS, contactLimits: DEFAULT_CONTACT_LIMITS, maxChain: 3 },
    ...{ consentPath: null, zonePath: null, contactMaxAgeMs: 1 },
    sources: new Map([['autocalls', { name: 'autocalls', source, timezone }]]),
    ...config,
  };
  const store = {
    reach: (request: ReachRequest) => {
      asked.push(request);
      return Promise.resolve(answer);
    },
  };
  return { store, live: { current: () => ({ config: whole }) }, clock: { now: () => NOW } } as never;
}

function claimed(call: JsonObject = {}, delivery: object = {}, event: object = {}): ClaimedDelivery {
  const whole = { id: 1, customer_phone: ANN, status: 'completed', ...call };
  return {
    delivery: {
      ...{ id: 'd1', fence: 2, scope: 'acme', contact: ANN, reason: 'follow_up: later', tryNumber: 1 },
      release: null,
      ...delivery,
    },
    event: {
      ...{ id: 'e1', source: 'autocalls', labels: {}, receivedAt: NOW, root: null, contact: ANN },
      ...event,
    },
    raw: Buffer.from(JSON.stringify(whole)),
  } as never;
}

const office = { open: { tue: [{ fromMinute: 540, toMinute: 720 }] }, timezone: 'UTC', holidays: [] };

function reaching(over: Partial<Reaching> = {}): Reaching {
  const operation = { reaches: { channel: 'sms', addresses: ({ to }: JsonObject) => [to ?? null] } };
  return {
    ruleSet: { content: { timezone: 'UTC', calendars: { office } } } as unknown as CompiledRuleSet,
    action: { content: { during: ['office'] } } as unknown as CompiledAction,
    operation: operation as unknown as Operation,
    ...{ channel: 'sms', input: { to: ANN }, receipts: {}, seenUntil: undefined },
    ...over,
  };
}

describe('reachContact', () => {
  it('asks about everybody who is reached, and the contact of the call', async () => {
    await reachContact(tools(), claimed(), reaching());
    await reachContact(tools(), claimed(), reaching({ input: { to: '+43 664 2222222' } }));
    await reachContact(tools(), claimed(), reaching({ input: { to: 'Ann@Example.com' } }));
    await reachContact(tools(), claimed(), reaching({ input: { to: `${ANN}@example.com` } }));
    await reachContact(tools(), claimed({}, { contact: null }), reaching());
    expect(asked.map(({ contacts }) => contacts)).toEqual([
      [ANN],
      [ANN, '+436642222222'],
      [ANN, 'ann@example.com'],
      [ANN, '+436641111111@example.com'],
      [ANN],
    ]);
  });

  it('holds what reaches nobody whom it knows', async () => {
    const nobody = reaching({ input: {} });
    expect(await reachContact(tools(), claimed({}, { contact: null }), nobody)).toEqual({
      ...{ is: 'held', reason: 'no_contact' },
    });
    expect(asked).toEqual([]);
  });

  it.each<[string, object, object, object]>([
    ['the number', {}, {}, { zones: ['Europe/Vienna'], from: 'phone' }],
    ['the source before the number', {}, { zone: 'Europe/Rome' }, { zones: ['Europe/Rome'], from: 'source' }],
    [
      'a CRM before the source',
      { receipts: { crm: { id: '7', timezone: 'Asia/Tokyo' } } },
      { zone: 'Europe/Rome' },
      { zones: ['Asia/Tokyo'], from: 'crm' },
    ],
    [
      'the source and another number that is reached',
      { input: { to: '+12125550123' } },
      { zone: 'Europe/Rome' },
      { zones: ['Europe/Rome', 'America/New_York'], from: 'source' },
    ],
    [
      'all numbers that are reached',
      { input: { to: '+12125550123' } },
      {},
      { zones: expect.arrayContaining(['Europe/Vienna', 'America/New_York']), from: 'phone' },
    ],
  ])(
    'goes by the clock that %s tells',
    async (_, over, { zone = null }: { zone?: string | null }, expected) => {
      await reachContact(tools({}, zone), claimed(), reaching(over));
      expect(asked[0]?.question.zone).toEqual(expected);
    },
  );

  it('asks for the window, unless a person or if_late: now brought it forward', async () => {
    await reachContact(tools(), claimed(), reaching());
    await reachContact(tools(), claimed({}, { reason: null }), reaching());
    const late = { reason: 'follow_up: found late, spread out' };
    const now = { content: { during: ['office'], late: { ifLate: 'now', lateAfterMs: 1 } } };
    await reachContact(tools(), claimed({}, late), reaching());
    await reachContact(tools(), claimed({}, late), reaching({ action: now as CompiledAction }));
    expect(asked.map(({ question }) => question.windows)).toEqual([[office], [], [office], []]);
  });

  it.each([
    [true, true],
    ['Yes ', true],
    ['1', true],
    [false, false],
    ['no', false],
    ['perhaps', false],
    ['', 'missing'],
    [null, 'missing'],
  ])('takes %j as consent for %s', async (said, expected) => {
    const call = claimed({ lead: { variables: { agreed: said } } });
    await reachContact(tools({ consentPath: 'lead.variables.agreed' }), call, reaching());
    expect(asked[0]?.question.consent).toBe(expected);
  });

  it('takes a release for the answer to what the call left open, and for no more', async () => {
    const asks = tools({ consentPath: 'lead.variables.agreed' });
    for (const agreed of [null, 'no'])
      await reachContact(
        asks,
        claimed({ lead: { variables: { agreed } } }, { release: '{"consent":true}' }),
        reaching(),
      );
    await reachContact(asks, claimed({}, { release: '{}' }), reaching());
    expect(asked.map(({ question }) => question.consent)).toEqual([true, false, 'missing']);
  });

  it('counts calls of one original call, the tries of one action once', async () => {
    const calls = reaching({ channel: 'call' });
    await reachContact(tools(), claimed(), reaching());
    await reachContact(tools(), claimed(), calls);
    await reachContact(tools(), claimed({}, {}, { root: 'e0' }), calls);
    await reachContact(tools(), claimed({}, { tryNumber: 2 }, { root: 'e0' }), calls);
    expect(asked.map(({ chain }) => chain)).toEqual([
      null,
      { root: 'e1', max: 3 },
      { root: 'e0', max: 3 },
      null,
    ]);
  });

  it('passes on what the store decides', async () => {
    for (answer of [
      { is: 'held', reason: 'max_chain: the original call caused 3 calls already' },
      { is: 'skipped', reason: 'stopped' },
    ] satisfies ReachResult[])
      expect(await reachContact(tools(), claimed(), reaching())).toEqual(answer);
  });
});
