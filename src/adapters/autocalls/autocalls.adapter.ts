import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Operation, type Reach, type SendRequest, defineAdapter } from '../adapter.js';
import { options, type AutocallsOptions } from './autocalls-options.js';
import { placeCall } from './calls.js';
import * as inputs from './inputs.js';
import { inspectAutocalls } from './inspect.js';
import { addLead, updateLead } from './leads.js';
import { sendSms, sendWhatsapp } from './messages.js';

const receiptOf = (what: string) =>
  z.strictObject({
    id: z.string().optional().describe(`Id of the ${what}; left out where none is answered`),
  });

/** All of it rings at the contact's, so what may have arrived waits for a person. */
const toContact = (reaches: Reach): Pick<Operation, 'audience' | 'ifUnknown' | 'reaches'> => ({
  ...{ audience: 'contact', ifUnknown: 'hold', reaches },
});

const NO_REPEAT =
  'Held after an unknown outcome: the platform lists no messages, so only a person sends it again';

export const adapter = defineAdapter({
  kind: 'autocalls',
  description: 'Calls or texts the contact through an Autocalls account, or adds a lead to a campaign.',
  options,
  operations: {
    add_lead: {
      ...toContact({ channel: 'call', addresses: inputs.numbersOfLead }),
      description: 'Adds a lead to a campaign, which calls it in its hours',
      input: inputs.addLead,
      receipt: receiptOf('lead'),
      repeat: 'Held after an unknown outcome; then the leads of the campaign are searched for it first',
      limits: ['A campaign takes a number once, unless allow_duplicates is true'],
    },
    update_lead: {
      ...toContact({ channel: 'call', addresses: inputs.newNumberOfLead }),
      description: 'Changes a lead, and has it called again with status created',
      input: inputs.updateLead,
      receipt: z.strictObject({ id: z.string().describe('Id of the lead') }),
      repeat: 'Held after an unknown outcome; then the lead is looked at before it is queued once more',
    },
    call: {
      ...toContact({ channel: 'call', addresses: ({ phone }) => [phone ?? null] }),
      description: 'Calls the contact at once',
      input: inputs.placeCall,
      receipt: receiptOf('call'),
      repeat: 'Held after an unknown outcome; then the calls to the number are searched for it first',
    },
    send_sms: {
      ...toContact({ channel: 'sms', addresses: ({ to }) => [to ?? null] }),
      description: 'Sends a text message',
      input: inputs.sendSms,
      check: inputs.checkSms,
      receipt: receiptOf('message'),
      repeat: NO_REPEAT,
      limits: [`At most ${inputs.MAX_SMS} characters; a longer text is refused before it is sent`],
    },
    send_whatsapp: {
      ...toContact({ channel: 'whatsapp', addresses: ({ to }) => [to ?? null] }),
      description: 'Sends a WhatsApp template, or free text within 24 hours after a message of the contact',
      input: inputs.sendWhatsapp,
      receipt: receiptOf('message'),
      repeat: NO_REPEAT,
      limits: ['Free text is cut at 4,096 characters', 'Five requests a second and account: rate: 5/s'],
    },
  },
  addresses: ({ base_url: base }) => [new URL(base).hostname],
  inspect: inspectAutocalls,
  send,
});

const SENDERS: Record<string, (request: SendRequest<AutocallsOptions>) => Promise<AttemptOutcome>> = {
  add_lead: addLead,
  update_lead: updateLead,
  call: placeCall,
  send_sms: sendSms,
  send_whatsapp: sendWhatsapp,
};

async function send(request: SendRequest<AutocallsOptions>): Promise<AttemptOutcome> {
  const sender = SENDERS[request.operation];
  if (sender !== undefined) return sender(request);
  return { outcome: 'rejected', reason: 'invalid_input', message: `there is no ${request.operation}` };
}
