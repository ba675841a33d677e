import { type ServerProcess } from '../support/server-process.js';
import { freshCall, post } from './hook-client.js';
import { type Trial } from './trial.js';

const TOKEN = 'fleet-hook-token-0123456789';
export const ADMIN_TOKEN = 'fleet-admin-token-0123456789';

/** How processes of a fleet wake each other: at once, or by looking into PostgreSQL each second. */
export type Waking = 'BullMQ' | 'PostgreSQL alone';
export const WAKINGS: readonly Waking[] = ['BullMQ', 'PostgreSQL alone'];

export interface FleetConfig {
  sinkUrl: string;
  waking: Waking;
  /** Each is a path of the sink, and has a rule of its name that sends it every call. Default `sink`. */
  destinations?: string[];
  /** Folder beside `config`. */
  folder?: string;
}

export function writeFleetConfig(trial: Trial, config: FleetConfig): void {
  const { sinkUrl, waking, destinations = ['sink'], folder = 'config' } = config;
  const each = (of: (name: string) => object) =>
    Object.fromEntries(destinations.map((name) => [name, of(name)]));
  trial.write(`../${folder}/aftercall.yaml`, {
    ...(waking === 'PostgreSQL alone' && { queue: undefined }),
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    admin: { token: ADMIN_TOKEN },
    destinations: each((name) => ({ kind: 'http', url: `${sinkUrl}/${name}`, concurrency: 20 })),
    egress: { allow: ['127.0.0.1/32'] },
  });
  const body = { id: '{{ id }}' };
  const rules = each((to) => ({ match: 'everything', then: [{ id: 'send', to, with: { body } }] }));
  trial.write(`../${folder}/rules/rules.yaml`, { rules });
}

export function startRole(trial: Trial, role: string, folder = 'config'): Promise<ServerProcess> {
  return trial.start({ args: ['--role', role, '--config', folder] });
}

export function hookAt(server: ServerProcess): string {
  return `${server.url}/hooks/autocalls/${TOKEN}`;
}

/** A call after the other, until it is ended. */
export interface Load {
  /** Answers the ids of the calls that were accepted. @throws {Error} where none of the servers took one. */
  end(): Promise<string[]>;
}

/** How often a call is offered before it counts as lost: a process may take seconds to start. */
const TRIES = 100;

/** Posts to the servers in turn; as a balancer does, it takes the next where one does not answer. */
export function startLoad(servers: () => readonly ServerProcess[], everyMs = 50): Load {
  const posted: Promise<string | null>[] = [];
  let turn = 0;
  let isOver = false;
  const postToNext = async (): Promise<string | null> => {
    const call = freshCall();
    for (let tries = 0; tries < TRIES && !isOver; tries += 1) {
      const all = servers();
      const server = all[(turn += 1) % all.length];
      const answer = server && (await post(hookAt(server), call).catch(() => null));
      if (answer && answer.status < 300) return String(call.id);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    return null;
  };
  const timer = setInterval(() => posted.push(postToNext()), everyMs);
  const end = async () => {
    clearInterval(timer);
    const giveUp = setTimeout(() => (isOver = true), TRIES * everyMs);
    const ids = await Promise.all(posted);
    clearTimeout(giveUp);
    if (ids.includes(null)) throw new Error('no server took a call');
    return ids.filter((id) => id !== null);
  };
  return { end };
}
