import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Adapter, type Operation } from '../adapters/adapter.js';
import { loadAdapters } from '../adapters/catalogue.js';
import { type JsonObject } from '../lib/json.js';
import { createTemplates } from '../templates/templates.js';
import { type AlertMessage, renderAlert } from './alert-input.js';

const message: AlertMessage = {
  text: '1 delivery to a<b & co died',
  subject: 'Aftercall: died',
  count: 3,
  alerts: [{ reason: 'dead', count: 3 }],
};
const templates = createTemplates({
  timezone: 'UTC',
  tables: {},
  files: { 'alert.liquid': '<p>{{ text }}</p>' },
});

let kinds: ReadonlyMap<string, Adapter>;

beforeAll(async () => {
  kinds = await loadAdapters();
});

function operationOf(kind: string): Operation {
  const adapter = kinds.get(kind);
  const operation = adapter?.operations[adapter.defaultOperation ?? ''];
  if (!operation) throw new Error(`no ${kind}`);
  return operation;
}

function render(kind: string, given: JsonObject = {}) {
  return renderAlert(operationOf(kind), given, message, { templates });
}

describe('renderAlert', () => {
  it('gives Slack the text, escaped', () => {
    expect(render('slack')).toEqual({ ok: true, input: { text: '1 delivery to a&lt;b &amp; co died' } });
  });

  it('gives a mail text and subject, and the address from the entry', () => {
    const { text, subject } = message;
    const input = { to: 'ops@example.com', subject, text };
    expect(render('email', { to: 'ops@example.com' })).toEqual({ ok: true, input });
  });

  it('gives HTTP a body with the lines one by one, laid under that of the entry', () => {
    const given = {
      body: { event_action: 'trigger', payload: { summary: '{{ subject }}', n: '{{ count }}' } },
    };
    const body = {
      ...{ text: message.text, alerts: message.alerts },
      ...{ event_action: 'trigger', payload: { summary: message.subject, n: 3 } },
    };
    expect(render('http', given)).toEqual({ ok: true, input: { body } });
  });

  it('lets the entry write its own text around ours', () => {
    const rendered = render('slack', { text: '<!channel> {{ count }}: {{ subject }}' });
    expect(rendered).toEqual({ ok: true, input: { text: '<!channel> 3: Aftercall: died' } });
  });

  it('reads a file of templates', () => {
    const rendered = render('email', { to: 'ops@example.com', template: 'alert' });
    expect(rendered).toMatchObject({
      ok: true,
      input: { html: '<p>1 delivery to a&lt;b &amp; co died</p>' },
    });
  });

  it('is not ok where the destination needs more', () => {
    expect(render('email')).toMatchObject({ ok: false, reason: expect.stringContaining('to is missing') });
  });

  it('marks a variable that alerts do not have, or refuses it when asked to', () => {
    const given = { text: 'about {{ contact.phone }}' };
    expect(render('slack', given)).toEqual({ ok: true, input: { text: 'about [missing: contact.phone]' } });
    const strict = renderAlert(operationOf('slack'), given, message, { templates, ifMissing: 'hold' });
    expect(strict).toMatchObject({ ok: false, missing: ['contact.phone'] });
  });

  it('leaves a kind of another form to the entry', () => {
    const operation: Operation = {
      description: 'Rings.',
      audience: 'system',
      input: z.strictObject({ say: z.string() }),
    };
    const rendered = renderAlert(operation, { say: '{{ subject }}' }, message, { templates });
    expect(rendered).toEqual({ ok: true, input: { say: 'Aftercall: died' } });
  });
});
