import { type Trial } from './trial.js';

const TOKEN = 'alerts-token-0123456789';

/** What an `http` destination receives as an alert. */
export interface AlertBody {
  text: string;
  alerts: { reason: string; cause: string; count: number; line: string; passed_over: number; at: string }[];
}

export interface AlertsSetup {
  sinkUrl: string;
  smtpUrl?: string;
  alerts: object[];
}

/**
 * Destinations that try once each (`crm`, `flaky`, `locked`), and `ops` and `pager` for alerts. Each call fires the rule
 * that its `?case=` names.
 */
export function writeAlertsConfig(trial: Trial, { sinkUrl, smtpUrl, alerts }: AlertsSetup): void {
  const http = (path: string, waits: string[] = []) => ({
    kind: 'http',
    url: `${sinkUrl}/${path}`,
    retry: { waits },
  });
  trial.write('aftercall.yaml', {
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    destinations: {
      ...{ crm: http('crm'), flaky: http('flaky'), locked: http('locked') },
      ...{ ops: http('ops', ['10ms']), pager: http('pager', ['10ms']) },
      mail: { kind: 'email', smtp_url: smtpUrl ?? 'smtp://127.0.0.1:1', from: 'Calls <calls@example.com>' },
    },
    egress: { allow: ['127.0.0.1/32'] },
    alerts,
  });
  trial.write('rules/cases.yaml', { rules: rules() });
}

/** Address of the hook for the calls of one case. */
export function hookOf(trial: Trial, name: string): string {
  return `${trial.hook('autocalls', TOKEN)}?case=${name}`;
}

function rules(): object {
  const rule = (to: string) => ({
    match: { 'labels.case': to },
    then: [{ id: 'send', to, with: { body: { id: '{{ id }}' } } }],
  });
  const gap = { id: 'send', to: 'crm', with: { body: 'about {{ lead.variables.nowhere }}' } };
  return {
    ...{ crm: rule('crm'), flaky: rule('flaky'), locked: rule('locked'), ops: rule('ops') },
    gap: { match: { 'labels.case': 'gap' }, then: [gap] },
  };
}
