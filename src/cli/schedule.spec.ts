import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CommandTrial, startTrial } from '../../test/support/try-command.js';
import { type Schedule } from './schedule-rule.js';

const MAIN = `schema: 1
timezone: Europe/Vienna
sources:
  autocalls: { kind: autocalls, token: token-of-the-source }
destinations:
  screen: { kind: log }
  dialer: { kind: log, as: autocalls }
calendars:
  office: { open: { mon-fri: ["09:00-12:00", "13:00-17:00"] } }
contacts: { zone: lead.variables.timezone }
`;

const RULES = `schema: 1
rules:
  nudge:
    match: everything
    then:
      - { id: at-once, to: screen, with: { text: x } }
      - { id: remind, to: screen, after: 2 business days, during: office, with: { text: x } }
      - { id: later, to: screen, after: 45m, with: { text: x } }
      - { id: asked, to: screen, at: { time: "{{ extracted_variables.callback_at }}" }, with: { text: x } }
      - { id: inside, to: screen, after: 1h, during: [campaign, office], with: { text: x } }
  ring:
    match: everything
    then:
      - { id: call, to: dialer, do: call, after: 12h, with: { assistant_id: 17, phone: "{{ contact.phone }}" } }
  list:
    match: everything
    then:
      - { id: always, to: screen, digest: { every: 15m }, with: { text: x } }
      - { id: office, to: screen, digest: { every: 6h }, during: office, with: { text: x } }
  off:
    state: disabled
    match: everything
    then: [{ id: later, to: screen, after: 1h, with: { text: x } }]
  plain:
    match: everything
    then: [{ id: at-once, to: screen, with: { text: x } }]
`;

/** A Friday. */
const AT = ['--at', '2026-11-27T11:35:00+01:00'];

describe('schedule', () => {
  let trial: CommandTrial;
  beforeAll(() => {
    trial = startTrial();
    trial.write('config/aftercall.yaml', MAIN);
    trial.write('config/rules/rules.yaml', RULES);
  });
  afterAll(() => trial.remove());

  const schedule = async (...args: string[]): Promise<Schedule> => {
    const { exitCode, stdout, stderr } = await trial.run(['schedule', ...args, '-o', 'json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return JSON.parse(stdout) as Schedule;
  };
  const slotsOf = ({ actions }: Schedule, id: string) =>
    actions.find(({ action }) => action === id)?.slots ?? [];

  it('begins with when a follow-up would be due, and goes on with the openings of its window', async () => {
    const scheduled = await schedule('nudge', ...AT);
    expect(scheduled.actions.map(({ action }) => action)).toEqual(['remind', 'later', 'asked', 'inside']);
    const slots = slotsOf(scheduled, 'remind');
    expect(slots).toHaveLength(10);
    expect(slots.slice(0, 3)).toEqual([
      {
        ...{ at: '2026-12-01T10:35:00.000Z', local: '2026-12-01 11:35' },
        why: '2 business days after the call: 2026-12-01 11:35 in Europe/Vienna',
      },
      { at: '2026-12-01T12:00:00.000Z', local: '2026-12-01 13:00', why: 'its window opens' },
      { at: '2026-12-02T08:00:00.000Z', local: '2026-12-02 09:00', why: 'its window opens' },
    ]);
  });

  it('has one slot where there is no window, and says why where there is none', async () => {
    const scheduled = await schedule('nudge', ...AT);
    expect(slotsOf(scheduled, 'later').map(({ at }) => at)).toEqual(['2026-11-27T11:20:00.000Z']);
    expect(scheduled.actions.find(({ action }) => action === 'asked')).toMatchObject({
      ...{ slots: [], reason: expect.stringMatching(/^unreadable_time/) },
    });
  });

  it('takes times and campaigns from the call that is named', async () => {
    const call = {
      ...{ id: 1, status: 'completed', extracted_variables: { callback_at: '2026-12-01T15:00' } },
      ...{ lead: { variables: { timezone: 'Europe/Vienna' } } },
      campaign: {
        allowed_hours_start_time: '10:00',
        allowed_hours_end_time: '11:00',
        allowed_days: ['monday'],
      },
    };
    trial.write('call.json', JSON.stringify(call));
    const scheduled = await schedule('nudge', ...AT, '--call', 'call.json');
    expect(slotsOf(scheduled, 'asked').map(({ at }) => at)).toEqual(['2026-12-01T14:00:00.000Z']);
    expect(slotsOf(scheduled, 'inside').slice(0, 2)).toMatchObject([
      { local: '2026-11-30 10:00', why: expect.stringMatching(/moved into the next window/) },
      { local: '2026-12-07 10:00', why: 'its window opens' },
    ]);
    expect(scheduled.contact).toMatchObject({ phone: null, zones: ['Europe/Vienna'], from: 'field' });
  });

  it('shows where a contact may be, and who told that', async () => {
    expect((await schedule('nudge', ...AT, '--contact', '0043 664 1234567')).contact).toEqual({
      ...{ phone: '+436641234567', country: 'AT', zones: ['Europe/Vienna'], from: 'phone', not_used: [] },
    });
    const { stdout } = await trial.run(['schedule', 'nudge', ...AT, '--contact', '+12025550123']);
    expect(stdout).toMatch(
      /\n {2}contact {2,}\+12025550123\n {2}country {2,}US\n {2}zone {2,}America\/New_York, told by the phone number\n/,
    );
  });

  it('keeps the hours of the contact for what reaches it, in all zones where it may be', async () => {
    const at = ['--at', '2026-11-27T12:00:00+01:00'];
    const [vienna] = (await schedule('ring', ...at, '--contact', '+436641234567')).actions;
    expect(vienna).toMatchObject({ action: 'call', to: 'dialer', channel: 'call', reason: null });
    expect(vienna?.slots.slice(0, 2)).toEqual([
      {
        ...{ at: '2026-11-28T07:00:00.000Z', local: '2026-11-28 08:00' },
        why: expect.stringMatching(/^12 h after the call: .*; then the contact may be reached$/) as unknown,
      },
      {
        ...{ at: '2026-11-29T07:00:00.000Z', local: '2026-11-29 08:00' },
        why: 'the contact may be reached',
      },
    ]);
    const toronto = await schedule('ring', ...at, '--contact', '+18005550123');
    expect(toronto.contact.zones.length).toBeGreaterThan(3);
    // 08:00 in the west of the continent, and before 21:00 in the east.
    expect(slotsOf(toronto, 'call')[1]?.why).toMatch(
      /^the contact may be reached; \d{4}-\d\d-\d\d \d\d:\d\d in America\/.* and \d+ more zones for the contact$/,
    );
  });

  it('says so where nothing tells where the contact is', async () => {
    const { stdout } = await trial.run(['schedule', 'ring', ...AT]);
    expect(stdout).toContain(
      'contact  not named; --contact names one\n  zone     not known: nothing tells where it is\n',
    );
    expect(stdout).toContain(
      '\ncall -> dialer (call, in the hours of the contact)\n  not due: nothing tells where',
    );
  });

  it('prints a table for each action', async () => {
    const { stdout } = await trial.run(['schedule', 'nudge', ...AT]);
    expect(stdout).toMatch(
      /^rule nudge, for a call received at 2026-11-27T10:35:00.000Z\n\nremind -> screen\n/,
    );
    expect(stdout).toContain(`
remind -> screen
  IN Europe/Vienna  UTC                       WHY
  2026-12-01 11:35  2026-12-01T10:35:00.000Z  2 business days after the call: 2026-12-01 11:35 in Europe/Vienna
  2026-12-01 13:00  2026-12-01T12:00:00.000Z  its window opens
`);
    expect(stdout).toContain(
      '\nasked -> screen\n  not due: the call asks for no time; --call names one that does\n',
    );
  });

  it('goes on with the times at which a digest goes out', async () => {
    const scheduled = await schedule('list', ...AT);
    const why = 'what was collected goes out, every 15 min';
    expect(slotsOf(scheduled, 'always').slice(0, 2)).toEqual([
      { at: '2026-11-27T10:45:00.000Z', local: '2026-11-27 11:45', why },
      { at: '2026-11-27T11:00:00.000Z', local: '2026-11-27 12:00', why },
    ]);
    expect(slotsOf(scheduled, 'always')).toHaveLength(10);
    expect(slotsOf(scheduled, 'office').map(({ local }) => local.slice(5))).toEqual([
      ...['11-27 13:00', '11-30 09:00', '11-30 13:00', '12-01 09:00', '12-01 13:00'],
      ...['12-02 09:00', '12-02 13:00', '12-03 09:00', '12-03 13:00', '12-04 09:00'],
    ]);
  });

  it('says of a rule that sends nothing that it does not', async () => {
    expect((await trial.run(['schedule', 'off', ...AT])).stdout).toMatch(
      /^rule off \(disabled: sends nothing\), for a call received/,
    );
  });

  it('says so where everything is done at once', async () => {
    expect((await trial.run(['schedule', 'plain', ...AT])).stdout).toContain(
      'none of its actions has a time or a window',
    );
  });

  it.each([
    [['nudg'], 'there is no rule nudg; did you mean nudge?'],
    [['nudge', '--contact', '0664 1234567'], '--contact: expected a phone number with its country'],
    [['nudge', '--at', 'tomorrow'], 'Expected a time with its zone'],
    [['nudge', '--call', 'nowhere.json'], 'there is no file, event or sample nowhere.json'],
  ])('answers 2 to %j', async (args, message) => {
    const { exitCode, stderr } = await trial.run(['schedule', ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
