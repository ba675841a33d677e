import { type HttpSink, startHttpSink } from './http-sink.js';
import { type CommandResult, type CommandTrial, startTrial, type TrialIo } from './try-command.js';

/** The time at which commands are tried. */
const NOW = Date.UTC(2026, 10, 23, 12);

/** A server that answers as it is told, and commands that ask its admin API. */
export interface DeskTrial extends CommandTrial {
  server: HttpSink;
  /** Runs a command against the server, with its token. */
  runThere(args: readonly string[], io?: TrialIo): Promise<CommandResult>;
  /** Answers every request this way. */
  answer(body: unknown, status?: number): void;
  /** What was asked so far: `GET /path?query`, and the body where there was one. */
  asked(): unknown[][];
  close(): Promise<void>;
}

export async function startDeskTrial(): Promise<DeskTrial> {
  const server = await startHttpSink();
  const trial = startTrial();
  return {
    ...trial,
    server,
    runThere: (args, io = {}) =>
      trial.run([...args, '--url', server.url, '--token', 'admin-token'], { now: () => NOW, ...io }),
    answer: (body, status = 200) => server.respondWith({ status, body }),
    asked: () => askedOf(server),
    close: async () => {
      await server.close();
      trial.remove();
    },
  };
}

/** Somebody at the terminal who answers every question with the same word. */
export function answering(word: string): { ask: (question: string) => Promise<string>; questions: string[] } {
  const questions: string[] = [];
  const ask = (question: string) => {
    questions.push(question);
    return Promise.resolve(word);
  };
  return { ask, questions };
}

function askedOf(server: HttpSink): unknown[][] {
  return server.requests.map(({ method, path, query, json }) => {
    const search = query.size === 0 ? '' : `?${query.toString()}`;
    return [`${method} ${path}${search}`, ...(json === undefined ? [] : [json])];
  });
}
