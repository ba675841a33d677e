import { type HttpSink } from '../support/http-sink.js';
import { type Trial } from './trial.js';

const HOOK_TOKEN = 'api-hook-token-0123456789';
export const ADMIN_TOKEN = 'api-admin-token-0123456789';

/** The rules of one case each, `?case=<name>`; `text` goes into what they send. */
export function writeRules(trial: Trial, text = 'first'): void {
  const send = (to: string, more: object = {}) => [
    { id: 'send', to, with: { body: { id: '{{ id }}', text }, ...more } },
  ];
  const rules = {
    sink: { match: { 'labels.case': 'sink' }, then: send('sink') },
    bulk: { match: { 'labels.case': 'bulk' }, then: send('bulk') },
    held: { match: { 'labels.case': 'held' }, then: send('held', { path: 'people/{{ lead.nickname }}' }) },
    screen: {
      match: { 'labels.case': 'screen' },
      then: [{ id: 'say', to: 'screen', with: { text: 'call {{ id }}' } }],
    },
  };
  trial.write('rules/cases.yaml', { rules });
}

export function writeMain(trial: Trial, sink: HttpSink, adminToken: string | null = ADMIN_TOKEN): void {
  const http = (path: string) => ({ kind: 'http', url: `${sink.url}/${path}`, retry: { waits: ['10ms'] } });
  trial.write('aftercall.yaml', {
    ...(adminToken !== null && { admin: { token: adminToken } }),
    sources: { autocalls: { kind: 'autocalls', token: HOOK_TOKEN } },
    destinations: {
      ...{ sink: http('sink'), bulk: { ...http('bulk'), concurrency: 20 }, held: http('held') },
      screen: { kind: 'log' },
    },
    egress: { allow: ['127.0.0.1/32'] },
  });
}

/** Address of the hook for one case. */
export function hookOf(trial: Trial, name: string): string {
  return `${trial.hook('autocalls', HOOK_TOKEN)}?case=${name}`;
}
