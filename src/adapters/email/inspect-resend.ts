import { parseMailAddress } from '../../egress/mail-address.js';
import { type Json, isJsonObject } from '../../lib/json.js';
import { type Inspection, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith } from '../inspect-with.js';
import { type EmailOptions } from './email-options.js';
import { errorNameOf, resendApi } from './resend-api.js';

/** Resend's own domain, for first tries. */
const TRIAL_DOMAIN = 'resend.dev';

/** Whether the key is good, and whether it may send for the sender's domain. Mail servers are not asked. */
export async function inspectEmail(request: InspectRequest<EmailOptions>): Promise<Inspection | null> {
  if (request.options.resend_api_key === undefined) return null;
  return inspectWith(request, resendApi(request.options), async (inspector) => {
    const answer = await inspector.read({ path: '/domains', accept: [401] });
    // A key that may only send is refused here by that name, and only when it is good.
    if (errorNameOf(answer) === 'restricted_api_key') return { account: null, problems: [] };
    if (answer.status === 401) return { account: null, problems: [keyProblem(errorNameOf(answer))] };
    const domains = isJsonObject(answer.json) ? answer.json.data : null;
    return { account: null, problems: senderProblems(request.options.from, domains ?? null) };
  });
}

function keyProblem(name: string): InspectProblem {
  return { use: null, path: 'resend_api_key', problem: `refuses the credentials: ${name}` };
}

function senderProblems(from: string, domains: Json): InspectProblem[] {
  const sender = parseMailAddress(from);
  const domain = typeof sender === 'string' ? '' : (sender.address.split('@')[1] ?? '').toLowerCase();
  if (domain === '' || domain === TRIAL_DOMAIN || !Array.isArray(domains)) return [];
  const verified = domains.filter(isJsonObject).filter(({ status }) => status === 'verified');
  const names = verified.map(({ name }) => (typeof name === 'string' ? name : ''));
  if (names.includes(domain)) return [];
  const known = names.length === 0 ? 'none is' : names.join(', ');
  return [{ use: null, path: 'from', problem: `Resend has not verified ${domain}; verified: ${known}` }];
}
