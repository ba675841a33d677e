import { type Trial } from './trial.js';

const TOKEN = 'serve-token-0123456789';

/** Waits so short that a test can watch retries. */
const SOON = { waits: ['50ms', '50ms', '50ms', '50ms', '50ms'] };

/** Rules that each fire for the calls of one case, `?case=<name>`, and send to a path of the sink of that name. */
export function writeServeConfig(trial: Trial, at: { sinkUrl: string; smtpUrl: string }): void {
  const http = (path: string) => ({ kind: 'http', url: `${at.sinkUrl}/${path}`, retry: SOON });
  trial.write('aftercall.yaml', {
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: {
      flaky: http('flaky'),
      busy: http('busy'),
      gone: http('gone'),
      down: { ...http('down'), retry: { waits: ['10ms', '10ms'] } },
      slow: http('slow'),
      mail: { kind: 'email', smtp_url: at.smtpUrl, from: 'Calls <calls@example.com>', retry: SOON },
    },
    egress: { allow: ['127.0.0.1/32'] },
  });
  trial.write('rules/cases.yaml', { rules: { ...httpRules(), mail: mailRule(), shadow: shadowRule() } });
}

/** Address of the hook for one case. */
export function hookFor(trial: Trial, name: string): string {
  return `${trial.hook('autocalls', TOKEN)}?case=${name}`;
}

function httpRules(): object {
  const then = (to: string) => [
    { id: 'send', to, with: { body: { id: '{{ id }}', at: '{{ received_at }}' } } },
  ];
  const names = ['flaky', 'busy', 'gone', 'down', 'slow'];
  return Object.fromEntries(
    names.map((name) => [name, { match: { 'labels.case': name }, then: then(name) }]),
  );
}

function mailRule(): object {
  const mail = {
    to: 'sales@example.com',
    subject: 'Call {{ id }}',
    text: '{{ extracted_variables.summary }}',
  };
  return { match: { 'labels.case': 'mail' }, then: [{ id: 'send', to: 'mail', with: mail }] };
}

function shadowRule(): object {
  const then = [{ id: 'send', to: 'slow', with: { body: { id: '{{ id }}' } } }];
  return { state: 'shadow', match: { 'labels.case': 'shadow' }, then };
}
