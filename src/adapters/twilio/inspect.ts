import { isJsonObject, readPath } from '../../lib/json.js';
import { type Inspection, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith, type Inspector } from '../inspect-with.js';
import { twilioApi } from './twilio-api.js';
import { type TwilioOptions } from './twilio-options.js';

/** Whether the token is good, the account active, and the numbers that messages come from its own. */
export function inspectTwilio(request: InspectRequest<TwilioOptions>): Promise<Inspection> {
  return inspectWith(request, twilioApi(request.options), async (inspector) => {
    const { json } = await inspector.read({ path: '.json' });
    const { friendly_name: name, status } = isJsonObject(json) ? json : {};
    const problems: InspectProblem[] = [];
    if (typeof status === 'string' && status !== 'active')
      problems.push({ use: null, path: 'account_sid', problem: `the account is ${status}` });
    for (const sender of sendersOf(request)) problems.push(...(await problemOf(inspector, sender)));
    return { account: typeof name === 'string' ? name : null, problems };
  });
}

interface Sender {
  use: number | null;
  from: string;
}

/** Names of senders and short codes are listed nowhere. */
function sendersOf({ options, uses }: InspectRequest<TwilioOptions>): Sender[] {
  const named = uses.map(({ with: { from } }, use) => ({ use, from }));
  return [{ use: null, from: options.from }, ...named].filter(
    (sender): sender is Sender => typeof sender.from === 'string' && /^\+\d{7,15}$/.test(sender.from),
  );
}

async function problemOf(inspector: Inspector, { use, from }: Sender): Promise<InspectProblem[]> {
  const query = { PhoneNumber: from, PageSize: 1 };
  const answer = await inspector.tryToRead({ path: '/IncomingPhoneNumbers.json', query });
  const numbers = isJsonObject(answer?.json) ? answer.json.incoming_phone_numbers : null;
  if (!Array.isArray(numbers)) return [];
  const [number] = numbers;
  if (number === undefined) return [{ use, path: 'from', problem: `the account has no number ${from}` }];
  if (readPath(number, 'capabilities.sms') !== false) return [];
  return [{ use, path: 'from', problem: `the number ${from} cannot send text messages` }];
}
