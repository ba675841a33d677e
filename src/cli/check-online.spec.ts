import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServedStandIn, serveStandIn } from '../../test/support/stand-ins/serve.js';
import { standIn as slack } from '../../test/support/stand-ins/slack.stand-in.js';
import { type CommandTrial, startTrial } from '../../test/support/try-command.js';

const main = (url: string, token = 'xoxb-hushhush') => `schema: 1
sources: { autocalls: { kind: autocalls, token: token-of-the-source } }
destinations:
  team: { kind: slack, bot_token: ${token}, channel: "#sales", base_url: "${url}" }
  hook: { kind: slack, webhook_url: "${url}/services/x" }
  asleep: { kind: slack, bot_token: wrong, channel: "#sales", base_url: "${url}", enabled: false }
egress: { allow: [127.0.0.1/32] }
`;

const RULES = `schema: 1
rules:
  hot-lead:
    match: everything
    then:
      - { id: tell, to: team, with: { text: hi } }
      - { id: also, to: team, with: { text: hi, channel: "#nowhere" } }
      - { id: by-number, to: team, with: { text: hi, channel: "{{ assistant_phone | lookup: 'channels' }}" } }
`;
const TABLES = 'tables: { channels: { "+1987654321": "#sales" } }\n';

describe('check --online', () => {
  let vendor: ServedStandIn;
  let trial: CommandTrial;
  beforeAll(async () => {
    vendor = await serveStandIn(slack.create());
    trial = startTrial();
  });
  afterEach(() => vendor.interfereWith(null));
  afterAll(async () => {
    trial.remove();
    await vendor.close();
  });

  const check = (token?: string, rules = RULES) => {
    trial.write('config/aftercall.yaml', main(vendor.url, token) + TABLES);
    trial.write('config/rules/sales.yaml', rules);
    return trial.run(['check', '--online']);
  };

  it('says whose account it is, and what it cannot find out', async () => {
    const { exitCode, stdout } = await check(undefined, RULES.replace('#nowhere', '#sales'));
    expect(stdout).toContain(
      'team  slack  fine (Acme)\nhook  slack  not asked: it can only be tried by sending\n',
    );
    expect(stdout).not.toContain('asleep');
    expect(exitCode).toBe(0);
    expect(vendor.standIn.records('message')).toEqual([]);
  });

  it('names what the destination does not know, with its place', async () => {
    const { exitCode, stdout } = await check();
    expect(stdout).toContain(
      'sales.yaml:7:58  rules.hot-lead.then[1].with.channel  Slack shows this bot no channel #nowhere',
    );
    expect(stdout).toContain('team  slack  1 problem');
    expect(exitCode).toBe(1);
  });

  it('says that credentials are refused, and shows none of them', async () => {
    const { exitCode, stdout } = await check('xoxb-expired-token');
    expect(stdout).toContain(
      'aftercall.yaml:4:9  destinations.team  refuses the credentials: Slack answered invalid_auth',
    );
    expect(stdout).not.toContain('xoxb');
    expect(exitCode).toBe(1);
  });

  it('says that nobody answers', async () => {
    vendor.interfereWith(() => ({ status: 503, body: 'down' }));
    const { exitCode, stdout } = await check();
    expect(stdout).toContain('destinations.team  could not be asked: HTTP 503: down');
    expect(exitCode).toBe(1);
  });
});
