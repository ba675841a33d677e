import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DEAD_DELIVERY as DEAD,
  DELIVERY_ID as ID,
  EVENT_ID as EVENT,
  FOLLOW_UP,
} from '../../test/support/desk-views.js';
import { type DeskTrial, startDeskTrial } from '../../test/support/try-desk.js';

const ANN = '+436641234567';
const SHOWN = {
  ...{ contact: ANN, scope: 'acme', stopped: null, calls: 3, missed: 1, last_status: 'completed' },
  ...{ last_at: '2026-11-23T10:00:00.000Z', open_follow_ups: 1, follow_ups: [FOLLOW_UP] },
};
const ZONED = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d/g;

describe('aftercall contact', () => {
  let trial: DeskTrial;
  beforeAll(async () => {
    trial = await startDeskTrial();
  });
  afterEach(() => trial.server.reset());
  afterAll(() => trial.close());

  const run = (...args: string[]) => trial.runThere(['contact', ...args]);
  const said = async (...args: string[]) =>
    (await run(...args)).stdout.replace(ZONED, '<time>').replace(/ {3,}/g, '  ');

  it('shows whether it may be reached, its calls, what waits, and what can be done', async () => {
    trial.answer(SHOWN);
    expect(await said('show', '+43 664 1234567', '--scope', 'acme')).toBe(`contact ${ANN}  may be reached
  client  acme
  calls  3, 1 of them missed
  last  completed, <time> (2 h ago)

Follow-ups: 1
  FOLLOW-UP  DUE  CONTACT  ACTION  WHY
  ${ID}  <time> (in 2 d)  ${ANN}  nudge.remind -> crm-hook  2 days after the call: 2026-11-25 13:00 in Europe/Vienna

let nothing reach it any more with
  aftercall contact stop ${ANN} --url ${trial.server.url} --scope acme
`);
    expect(trial.asked()).toEqual([['GET /api/v1/contacts/%2B436641234567?scope=acme']]);
  });

  it('shows since when and by whom a contact is stopped', async () => {
    const stopped = { since: '2026-11-23T10:00:00.000Z', reason: 'opt-out.stop' };
    trial.answer({ ...SHOWN, stopped, calls: 0, last_at: null, open_follow_ups: 0, follow_ups: [] });
    const shown = await said('show', ANN);
    expect(shown).toContain(`contact ${ANN}  not to be reached since <time> (2 h ago), by opt-out.stop\n`);
    expect(shown).toContain('calls  none\n\nFollow-ups: 0\n  none\n');
    expect(shown).toContain(`let it be reached again with\n  aftercall contact allow ${ANN}`);
  });

  it('prints the timeline, newest first', async () => {
    const event = {
      ...{ id: EVENT, source: 'autocalls', call_id: '77', revision: 1, status: 'accepted' },
      ...{ received_at: '2026-11-23T10:00:00.000Z', contact: ANN },
    };
    const at = '2026-11-23T10:00:00.000Z';
    trial.answer({
      items: [
        { is: 'delivery', at, delivery: FOLLOW_UP },
        { is: 'delivery', at, delivery: DEAD },
        { is: 'event', at, event },
      ],
      next: 'bmV4dA',
    });
    expect(await said('timeline', ANN, '--limit', '3')).toBe(`WHEN  WHAT  ID  WHICH  STATE
<time> (2 h ago)  delivery  ${ID}  nudge.remind -> crm-hook  pending, due in 2 d: 2 days after the call: 2026-11-25 13:00 in Europe/Vienna
<time> (2 h ago)  delivery  ${ID}  hot-lead.crm -> crm-hook  dead: the destination answered with an error of its own
<time> (2 h ago)  call  ${EVENT}  autocalls 77  accepted

there are more: say the same with --cursor bmV4dA
`);
    expect(trial.asked()).toEqual([['GET /api/v1/contacts/%2B436641234567/timeline?limit=3']]);
  });

  it('says so when there is nothing on its timeline', async () => {
    trial.answer({ items: [], next: null });
    expect(await said('timeline', ANN)).toBe('no calls or deliveries match\n');
  });

  it('stops a contact, and says what was taken back', async () => {
    const canceled = [{ ...FOLLOW_UP, state: 'canceled', reason: 'stopped: by_person' }];
    trial.answer({ contact: ANN, scope: '', stopped: true, changed: true, canceled });
    expect(await said('stop', ANN)).toBe(
      `${ANN} is not to be reached any more\n  canceled ${ID}  nudge.remind -> crm-hook\n`,
    );
    trial.answer({ contact: ANN, scope: '', stopped: true, changed: false, canceled: [] });
    expect(await said('stop', ANN)).toBe(
      `${ANN} is on the do-not-contact list already\n  nothing waited to reach it\n`,
    );
    trial.answer({ contact: ANN, scope: '', stopped: false, changed: false, canceled: [] });
    expect(await said('allow', ANN)).toBe(`${ANN} is not on the do-not-contact list, so it may be reached\n`);
    trial.answer({ contact: ANN, scope: '', stopped: false, changed: true, canceled: [] });
    expect(await said('allow', ANN, '--scope', 'acme')).toBe(`${ANN} may be reached again\n`);
    expect(trial.asked()).toEqual([
      ['POST /api/v1/contacts/%2B436641234567/stop', {}],
      ['POST /api/v1/contacts/%2B436641234567/stop', {}],
      ['POST /api/v1/contacts/%2B436641234567/allow', {}],
      ['POST /api/v1/contacts/%2B436641234567/allow', { scope: 'acme' }],
    ]);
  });

  it('lists those that are stopped', async () => {
    const stop = { contact: ANN, scope: '', since: '2026-11-23T10:00:00.000Z', reason: 'by_person' };
    trial.answer({ items: [stop, { ...stop, contact: 'ada@example.com', scope: 'acme' }], next: null });
    expect(await said('list-stopped', '--limit', '5')).toBe(`CONTACT  CLIENT  SINCE  BY
${ANN}  <time> (2 h ago)  a person
ada@example.com  acme  <time> (2 h ago)  a person
`);
    expect(trial.asked()).toEqual([['GET /api/v1/stops?limit=5']]);
  });

  it('prints what the API says as JSON', async () => {
    trial.answer(SHOWN);
    expect(JSON.parse((await run('show', 'Ada@Example.com', '-o', 'json')).stdout)).toEqual(SHOWN);
    expect(trial.asked()).toEqual([['GET /api/v1/contacts/ada%40example.com']]);
  });

  it.each(['Ann', '0664 1234567'])('refuses %j before it asks anybody', async (named) => {
    const { exitCode, stderr } = await run('stop', named);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^aftercall: contact: expected a phone number with its country/);
    expect(trial.server.requests).toEqual([]);
  });
});
