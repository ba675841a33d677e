import { isJsonObject } from '../../lib/json.js';
import { type Inspection, type InspectProblem, type InspectRequest } from '../adapter.js';
import { inspectWith, type Inspector } from '../inspect-with.js';
import { telegramApi } from './telegram-api.js';
import { type TelegramOptions } from './telegram-options.js';

/** Whether the token is good, and whether the bot may see the chats. */
export function inspectTelegram(request: InspectRequest<TelegramOptions>): Promise<Inspection> {
  return inspectWith(request, telegramApi(request.options), async (inspector) => {
    const { json } = await inspector.read({ path: '/getMe' });
    const bot = isJsonObject(json) && isJsonObject(json.result) ? json.result.username : null;
    const problems: InspectProblem[] = [];
    for (const named of chatsOf(request))
      if (!(await knows(inspector, named.chat))) problems.push(unknownChat(named));
    return { account: typeof bot === 'string' ? `@${bot}` : null, problems };
  });
}

interface NamedChat {
  use: number | null;
  chat: string;
}

function chatsOf({ options, uses }: InspectRequest<TelegramOptions>): NamedChat[] {
  const named = uses.flatMap(({ with: { chat } }, use): NamedChat[] =>
    typeof chat === 'number' || (typeof chat === 'string' && !/\{[{%]/.test(chat))
      ? [{ use, chat: String(chat) }]
      : [],
  );
  return [{ use: null, chat: String(options.chat_id) }, ...named];
}

async function knows(inspector: Inspector, chat: string): Promise<boolean> {
  const answer = await inspector.read({
    ...{ path: '/getChat', query: { chat_id: chat } },
    accept: [400, 403],
  });
  return answer.status < 300;
}

function unknownChat({ use, chat }: NamedChat): InspectProblem {
  const problem = `Telegram shows this bot no chat ${chat}; expected one that it was added to or that wrote to it`;
  return { use, path: use === null ? 'chat_id' : 'chat', problem };
}
