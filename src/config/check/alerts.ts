import { type Operation } from '../../adapters/adapter.js';
import { checkInput } from '../../adapters/check-input.js';
import { type JsonObject } from '../../lib/json.js';
import { type Templates } from '../../templates/templates.js';
import { alertContent, type AlertMessage, renderAlert } from '../alert-input.js';
import { type AlertConfig, type DestinationConfig } from '../config.js';
import { type Findings } from '../findings.js';
import { followWords, type Path } from '../path.js';
import { describeUnknownKey, describeUnknownName } from '../schema/describe-issue.js';
import { alertSchema } from '../schema/main-file.js';
import { parseAs } from '../schema/parse-as.js';
import { addIssues } from './context.js';
import { type MainSettings } from './main-settings.js';

interface AlertCheck {
  settings: MainSettings;
  templates: Templates;
  findings: Findings;
}

/** The entries of `alerts:` without faults; an entry must be able to say its text at its destination. */
export function checkAlerts(settings: MainSettings, templates: Templates, findings: Findings): AlertConfig[] {
  const check = { settings, templates, findings };
  return settings.values.alerts.flatMap((entry, i) => checkAlert(entry, ['alerts', i], check) ?? []);
}

function checkAlert(entry: unknown, path: Path, check: AlertCheck): AlertConfig | null {
  const { settings, findings } = check;
  const { file, destinations } = settings;
  const parsed = parseAs(alertSchema, entry);
  if (!parsed.ok) {
    addIssues(findings, file, path, parsed.issues);
    return null;
  }
  const { to, with: given, on = null } = parsed.data;
  const destination = destinations.get(to);
  if (destination === undefined)
    findings.error(file, [...path, 'to'], describeUnknownName('destination', to, [...destinations.keys()]));
  else if (destination !== null) checkDestination(destination, given, path, check);
  return { to, with: given, on };
}

function checkDestination(destination: DestinationConfig, given: JsonObject, path: Path, check: AlertCheck) {
  const { name, operations, defaultOperation } = destination;
  const operation = defaultOperation === null ? undefined : operations[defaultOperation];
  const { findings, settings } = check;
  if (operation) return checkGiven(operation, given, path, check);
  const problem = `${name} takes no plain message; send alerts to a destination that does`;
  findings.error(settings.file, path, problem);
}

function checkGiven(operation: Operation, given: JsonObject, path: Path, check: AlertCheck): void {
  const { findings, settings, templates } = check;
  const { file } = settings;
  const known = Object.keys(operation.input.shape);
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  for (const key of unknown)
    findings.error(file, [...path, 'with', key], describeUnknownKey(key, known), 'key');
  if (unknown.length > 0) return;
  const content = alertContent(operation, given);
  const problems = checkInput(operation, content, templates);
  for (const { path: words, message } of problems)
    findings.error(file, [...path, 'with', ...followWords(content, words)], message);
  if (problems.length > 0) return;
  const problem = sayingNothing(content) ?? unrendered(operation, given, templates);
  if (problem !== null) findings.error(file, [...path, 'with'], problem);
}

/** A kind without a field for a message needs to be told where the text goes. */
function sayingNothing(content: JsonObject): string | null {
  if (Object.keys(content).some((key) => ['text', 'body'].includes(key))) return null;
  if (JSON.stringify(content).includes('{{')) return null;
  return 'says nowhere what is told; put "{{ text }}" into the field that takes the message';
}

const SAMPLE: AlertMessage = { text: 'text', subject: 'subject', count: 1, alerts: [{ reason: 'dead' }] };

/** Variables that alerts do not have are found now, and not on the day of the trouble. */
function unrendered(operation: Operation, given: JsonObject, templates: Templates): string | null {
  const rendered = renderAlert(operation, given, SAMPLE, { templates, ifMissing: 'hold' });
  if (rendered.ok) return null;
  if (rendered.missing.length === 0) return rendered.reason;
  return `uses ${rendered.missing.join(', ')}; alerts know text, subject, count and alerts only`;
}
