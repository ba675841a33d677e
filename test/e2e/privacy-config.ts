import { type Trial } from './trial.js';

/** Secrets of the configuration; none may show anywhere but at the destination it belongs to. */
export const SECRETS = {
  HOOK_TOKEN: 'canary-hook-token-4f1c',
  ADMIN_TOKEN: 'canary-admin-token-93ab',
  SMTP_PASSWORD: 'canary smtp+password/77',
  SLACK_PATH: 'T0CANARY/B0CANARY/canarySlackPath55',
  URL_KEY: 'canary-url-key-2e8d',
  HEADER_KEY: 'canary-header-key-6b0f',
  STORE_PASSWORD: 'canary-store-password-c81e',
};

/** Texts of a call that are nobody's business but the destinations'. */
export const PERSONAL = {
  phone: '+436641777888',
  email: 'canary.person@private.example',
  name: 'Canary Personsson',
  phrase: 'the canary said that it sings at night',
  summary: 'canary wants seventeen cages',
};

/** Every spelling in which one of them could stand in a text, percent-encoded and JSON-escaped ones too. */
export const CANARIES = [
  ...Object.values(SECRETS).flatMap((secret) => [secret, encodeURIComponent(secret)]),
  ...Object.values(PERSONAL),
  PERSONAL.phone.slice(1),
  'canary',
  'CANARY',
];

/** The call that holds all of {@link PERSONAL}. */
export function personalCall(id: string): object {
  const { phone, email, name, phrase, summary } = PERSONAL;
  return {
    ...{ id, status: 'completed', customer_phone: phone, duration: 60 },
    extracted_variables: { summary, email },
    input_variables: { customer_name: name },
    transcript: [{ sender: 'human', type: 'transcript', text: phrase }],
  };
}

/** One case per way in which things go right or wrong; `?case=<name>`. */
export function writePrivacyConfig(trial: Trial, at: { sinkUrl: string; smtpPort: number }): void {
  const retry = { waits: ['20ms'] };
  const login = `user:${encodeURIComponent(SECRETS.SMTP_PASSWORD)}`;
  const headers = { 'X-Api-Key': '${HEADER_KEY}' };
  const http = (path: string) => ({
    kind: 'http',
    url: `${at.sinkUrl}/${path}?key=${SECRETS.URL_KEY}`,
    headers,
    retry,
  });
  trial.write('aftercall.yaml', {
    ...storageWithSecret(trial),
    admin: { token: '${ADMIN_TOKEN}' },
    sources: { autocalls: { kind: 'autocalls', token: '${HOOK_TOKEN}' } },
    destinations: {
      slack: { kind: 'slack', webhook_url: `${at.sinkUrl}/services/${SECRETS.SLACK_PATH}`, retry },
      fine: http('fine'),
      broken: http('broken'),
      refusing: http('refusing'),
      forbidden: { ...http('x'), url: `http://10.0.0.1/${SECRETS.URL_KEY}` },
      nowhere: { ...http('x'), url: `http://127.0.0.1:1/${SECRETS.URL_KEY}` },
      mail: {
        kind: 'email',
        smtp_url: `smtp://${login}@127.0.0.1:${at.smtpPort}`,
        from: 'calls@example.com',
        retry,
      },
    },
    egress: { allow: ['127.0.0.1/32'] },
    // The mail goes to the contact, at whatever hour the tests run.
    contacts: { hours: { default: { 'mon-sun': '00:00-24:00' } } },
  });
  trial.write('rules/cases.yaml', { rules: rules() });
}

/** Only where the server of the tests asks for no password of its own, and so takes any. */
export function storageWithSecret({ settings }: Trial, database?: string): { storage?: string } {
  if (settings.storage === undefined) return {};
  const url = new URL(settings.storage);
  if (database !== undefined) url.pathname = `/${database}`;
  if (url.password !== '') return { storage: url.href };
  return { storage: `postgres://${url.username}:\${STORE_PASSWORD}@${url.host}${url.pathname}` };
}

function rules(): object {
  const text = '{{ input_variables.customer_name }} {{ customer_phone }}: {{ extracted_variables.summary }}';
  const mail = {
    ...{ to: '{{ extracted_variables.email }}', subject: '{{ extracted_variables.summary }}', text },
    unsubscribe_url: 'https://example.com/unsubscribe?call={{ id }}',
  };
  const inputs: Record<string, object> = {
    slack: { text },
    mail,
    fine: { body: { text, all: '{{ transcript }}' } },
  };
  const names = ['slack', 'fine', 'broken', 'refusing', 'forbidden', 'nowhere', 'mail'];
  const rule = (name: string) => ({
    match: { 'labels.case': name },
    then: [
      { id: 'send', to: name, ...(name === 'mail' && { do: 'send_to_contact' }), with: inputs[name] ?? {} },
    ],
  });
  return Object.fromEntries(names.map((name) => [name, rule(name)]));
}
