import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { adapter } from '../../src/adapters/hubspot/hubspot.adapter.js';
import { type AttemptOutcome } from '../../src/domain/attempt.js';
import { type Json, type JsonObject } from '../../src/lib/json.js';
import { createSpecClient, missingSpec, type Prism, type SpecClient, startPrism } from '../support/prism.js';
import { sendRequest } from '../support/send-request.js';

const FILES = ['hubspot/contacts-v3.mockable.json', 'hubspot/deals-v3.mockable.json'];
const PHONE = '+4366412345678';
const CONTACTS = '/crm/v3/objects/contacts';
const DEALS = '/crm/v3/objects/0-3';
const NOTHING = '{"total":0,"results":[]}';

const missing = missingSpec(FILES);
const suite = missing === null ? describe : describe.skip;
const title = `HubSpot's own specification of contacts and deals${missing === null ? '' : ` (no ${missing})`}`;

suite(title, () => {
  let prisms: Prism[] = [];
  let http: SpecClient;
  beforeAll(async () => {
    prisms = await Promise.all(FILES.map((file) => startPrism(file)));
  });
  afterAll(() => Promise.all(prisms.map((prism) => prism.stop())));
  beforeEach(() => {
    const paths = [CONTACTS, DEALS];
    http = createSpecClient(() =>
      prisms.flatMap((prism, i) => ({ path: paths[i] ?? '', specPath: paths[i] ?? '', prism })),
    );
  });

  afterEach(() => http.close());

  const send = (
    operation: string,
    input: JsonObject,
    { options = {}, links = {} }: { options?: JsonObject; links?: Record<string, Json> } = {},
  ): Promise<AttemptOutcome> =>
    adapter.send(
      sendRequest({
        ...{ operation, input, http, timeoutMs: 10_000 },
        options: adapter.options.parse({ access_token: 'pat-docs', ...options }),
        links: { find: (key) => Promise.resolve(links[key] ?? null) },
      }),
    );
  const nobodyIsThere = () =>
    http.answerWith(({ method, url }) => {
      if (url.endsWith('/search')) return { body: NOTHING };
      return method === 'GET' ? { status: 404 } : null;
    });
  const expectUsed = (outcome: AttemptOutcome, ...used: string[]) => {
    expect(http.violations).toEqual([]);
    expect(outcome).toMatchObject({ outcome: 'delivered', receipt: { id: expect.any(String) } });
    expect(http.used).toEqual(used);
  };
  const properties = {
    ...{ city: 'Vienna', score: 7, opted_in: true, topics: ['a', 'b'], nickname: null },
    lead_notes: { value: 'Wants a demo.', mode: 'append' },
  };

  it('is enforced', async () => {
    const request = {
      method: 'POST',
      headers: { Authorization: 'Bearer x', 'Content-Type': 'application/json' },
    };
    const body = JSON.stringify({ properties: { score: 7 } });
    await http.send({ ...request, url: `http://127.0.0.1${CONTACTS}`, body, timeoutMs: 10_000 });
    expect(http.violations).toEqual([
      expect.stringContaining("required property 'associations'"),
      expect.stringContaining('score must be string'),
    ]);
  });

  it('fits a contact that is made by e-mail', async () => {
    nobodyIsThere();
    const outcome = await send('upsert_contact', { email: 'jane@example.com', phone: PHONE, properties });
    const steps = [`GET ${CONTACTS}/{id}`, `POST ${CONTACTS}/search`, `POST ${CONTACTS}/batch/upsert`];
    expectUsed(outcome, ...steps);
  });

  it('fits a contact that is made by a unique property', async () => {
    nobodyIsThere();
    const options = { contact_property: 'call_phone' };
    const outcome = await send('upsert_contact', { phone: PHONE, properties }, { options });
    const steps = [`GET ${CONTACTS}/{id}`, `POST ${CONTACTS}/search`, `POST ${CONTACTS}/batch/upsert`];
    expectUsed(outcome, ...steps);
  });

  it('fits a contact that is made by phone', async () => {
    nobodyIsThere();
    const outcome = await send('upsert_contact', { phone: PHONE, properties });
    expectUsed(outcome, `POST ${CONTACTS}/search`, `POST ${CONTACTS}`);
  });

  it('fits a contact that is there', async () => {
    const links = { [`contact ${PHONE}`]: '512' };
    const outcome = await send('upsert_contact', { phone: PHONE, properties }, { links });
    expectUsed(outcome, `GET ${CONTACTS}/{id}`, `PATCH ${CONTACTS}/{id}`);
  });

  const deal = {
    ...{ contact: '512', company: '201', name: 'Demo', stage: 'appointmentscheduled', amount: 99.5 },
    ...{ close_date: '2026-12-01', owner: '44', properties },
  };
  const call = 'call autocalls 12345 hot-lead.tell deal';

  it('fits a deal that is made', async () => {
    expectUsed(await send('create_deal', deal), `POST ${DEALS}`);
  });

  it('fits a deal that is looked for, then made', async () => {
    nobodyIsThere();
    const links = { [`${call} begun`]: { at: 5 } };
    expectUsed(await send('create_deal', deal, { links }), `POST ${DEALS}/search`, `POST ${DEALS}`);
  });

  it('fits a deal that was made before', async () => {
    expectUsed(await send('create_deal', deal, { links: { [call]: '900' } }), `GET ${DEALS}/{id}`);
  });

  it('fits an inspection', async () => {
    const { mail, timeoutMs, signal, now } = sendRequest({ options: {} });
    const options = adapter.options.parse({ access_token: 'pat-docs' });
    const inspected = await adapter.inspect?.({ options, uses: [], http, mail, timeoutMs, signal, now });
    expect(inspected).toEqual({ account: null, problems: [] });
    expect([http.used, http.violations]).toEqual([[`GET ${CONTACTS}`], []]);
  });
});
