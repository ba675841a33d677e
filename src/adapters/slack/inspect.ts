import { type Json, isJsonObject } from '../../lib/json.js';
import { type Inspection, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith, type Inspector } from '../inspect-with.js';
import { slackApi } from './slack-api.js';
import { type SlackOptions } from './slack-options.js';

/** Whether the bot token is good, and whether it knows the channels. A webhook cannot be asked without a message. */
export async function inspectSlack(request: InspectRequest<SlackOptions>): Promise<Inspection | null> {
  if (request.options.bot_token === undefined) return null;
  return inspectWith(request, slackApi(request.options), async (inspector) => {
    const { json } = await inspector.read({ path: '/auth.test' });
    const account = isJsonObject(json) && typeof json.team === 'string' ? json.team : null;
    return { account, problems: await unknownChannels(inspector, request) };
  });
}

interface NamedChannel {
  use: number | null;
  channel: string;
}

async function unknownChannels(
  inspector: Inspector,
  request: InspectRequest<SlackOptions>,
): Promise<InspectProblem[]> {
  const named = channelsOf(request);
  const known = named.length === 0 ? null : await listChannels(inspector);
  if (known === null) return [];
  return named.flatMap(({ use, channel }) =>
    known.has(channel.replace(/^#/, ''))
      ? []
      : [
          {
            use,
            path: 'channel',
            problem: `Slack shows this bot no channel ${channel}; expected one that it is in`,
          },
        ],
  );
}

function channelsOf({ options, uses }: InspectRequest<SlackOptions>): NamedChannel[] {
  const own: NamedChannel[] = options.channel === undefined ? [] : [{ use: null, channel: options.channel }];
  return uses.reduce<NamedChannel[]>((all, { with: { channel } }, use) => {
    if (typeof channel === 'string' && !channel.includes('{{')) all.push({ use, channel });
    return all;
  }, own);
}

const MAX_PAGES = 10;

/** Names and ids; null without the scope for it, which posting does not need. */
async function listChannels(inspector: Inspector): Promise<Set<string> | null> {
  const known = new Set<string>();
  let cursor = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = {
      limit: 1000,
      exclude_archived: true,
      types: 'public_channel,private_channel',
      cursor: cursor || undefined,
    };
    const answer = await inspector.tryToRead({ path: '/conversations.list', query });
    if (answer === null || !isJsonObject(answer.json) || answer.json.ok !== true) return null;
    for (const name of namesIn(answer.json.channels)) known.add(name);
    const { response_metadata: more } = answer.json;
    cursor = isJsonObject(more) && typeof more.next_cursor === 'string' ? more.next_cursor : '';
    if (cursor === '') return known;
  }
  return null;
}

function namesIn(channels: Json | undefined): string[] {
  return (Array.isArray(channels) ? channels : []).flatMap((channel) =>
    isJsonObject(channel) ? [channel.id, channel.name].filter((name) => typeof name === 'string') : [],
  );
}
