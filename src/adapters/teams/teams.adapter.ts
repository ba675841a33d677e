import { type AttemptOutcome } from '../../domain/attempt.js';
import { type SendRequest, defineAdapter } from '../adapter.js';
import { judgeByStatus } from '../http-outcome.js';
import { fittedCard } from './card.js';
import { message, readMessage } from './message.js';
import { checkOptions, options, type TeamsOptions } from './teams-options.js';

export const adapter = defineAdapter({
  kind: 'teams',
  description: 'Posts a card to a channel or chat of Microsoft Teams.',
  options,
  operations: {
    message: {
      description: 'Posts one message as an adaptive card',
      input: message,
      audience: 'colleagues',
      testMarkField: 'text',
      repeat: 'A repeated message says that it is one',
      limits: [
        'A card has 28 KB; its text is cut with a mark',
        'Teams takes about four messages a second: rate: 4/s',
        'Delivered means that the workflow took the message (202); whether it posts it, its run history shows',
      ],
    },
  },
  defaultOperation: 'message',
  checkOptions,
  addresses: ({ webhook_url: url }) => [new URL(url).hostname],
  // A workflow cannot be asked without setting it off.
  inspect: () => Promise.resolve(null),
  send,
});

async function send(request: SendRequest<TeamsOptions>): Promise<AttemptOutcome> {
  const { input, options: to, mayHaveArrived, http, now, timeoutMs, signal } = request;
  const content = readMessage(input);
  if (typeof content === 'string') return { outcome: 'rejected', reason: 'invalid_input', message: content };
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  const body = fittedCard(content, mayHaveArrived);
  const post = { method: 'POST', url: to.webhook_url, headers, body, timeoutMs, signal };
  return outcomeOfWorkflow(await judgeByStatus(http, post, now));
}

/** What a workflow answers that was switched off or deleted. */
const SWITCHED_OFF = /WorkflowTriggerIsNotEnabled|WorkflowDisabled/;

/** The URL is the credential: its signature is refused, or there is no workflow behind it, for now or for good. */
function outcomeOfWorkflow(outcome: AttemptOutcome): AttemptOutcome {
  if (outcome.outcome !== 'rejected') return outcome;
  const isGone = outcome.httpStatus === 403 || outcome.httpStatus === 404;
  if (!isGone && !SWITCHED_OFF.test(outcome.message ?? '')) return outcome;
  return { ...outcome, outcome: 'unauthorized', reason: 'unauthorized' };
}
