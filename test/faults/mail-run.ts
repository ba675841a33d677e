import { startSmtpSink, type SinkMail, type SmtpRefusal } from '../support/smtp-sink.js';
import { sha256 } from './fault-calls.js';
import { createWorld } from './fault-world.js';
import { type Expectations } from './history.js';
import { patience } from './kill-run.js';
import { type FaultRow, type Outcome, type Pair, type Scale } from './row.js';
import { outcomeOf } from './sink-run.js';
import { type Control } from './victim/plan.js';

interface MailFault {
  what: string;
  /** Answer to every other mail. */
  answer: SmtpRefusal | 'cut';
  /** The server keeps the mail all the same. */
  taken: boolean;
  mayDie: boolean;
  control: { kind: Control; what: string };
}

const FAULTS: Record<string, MailFault> = {
  'mail-later': {
    what: 'SMTP answers 451 after DATA',
    answer: { code: 451, message: 'try again later' },
    taken: false,
    mayDie: false,
    control: { kind: 'no-retry', what: 'takes every failure for final' },
  },
  'mail-never': {
    what: 'SMTP answers 550 after DATA',
    answer: { code: 550, message: 'no such user' },
    taken: false,
    mayDie: true,
    control: { kind: 'believe-answers', what: 'takes any answer for a yes' },
  },
  'mail-dropped': {
    what: 'SMTP keeps the mail and drops the connection after DATA',
    answer: 'cut',
    taken: true,
    mayDie: false,
    control: { kind: 'fresh-key', what: 'a fresh Message-ID per attempt' },
  },
};

export const mailRows: FaultRow[] = Object.entries(FAULTS).map(([name, fault]) => ({
  name,
  what: fault.what,
  run: (scale, pair) => mailRun(fault, scale, pair),
  control: {
    what: fault.control.what,
    run: (_scale, pair) => mailRun(fault, 'short', pair, fault.control.kind),
  },
}));

/** A mailbox recognises a Message-ID that it has seen: mail counts as keyed by it. */
async function mailRun(fault: MailFault, scale: Scale, pair: Pair, control?: Control): Promise<Outcome> {
  const server = await startSmtpSink();
  const options = { retry: { waits: Array<string>(25).fill('60ms') }, timeout: '2s', concurrency: 1 };
  const mail = { to: 'sales@example.com', subject: 'call {{ id }}', text: 'call {{ id }}' };
  const config = {
    destinations: {
      mail: { kind: 'struck-email', smtp_url: server.url, from: 'calls@example.com', ...options },
    },
    rules: { tell: { match: 'everything', then: [{ id: 'send', to: 'mail', with: mail }] } },
  };
  const world = await createWorld(config, pair);
  try {
    server.respondWith({
      message: (received) => {
        const isFault = world.log.seen.length % 2 === 0;
        world.log.note({ ...describe(received), taken: isFault ? fault.taken : true }, isFault);
        return isFault ? fault.answer : undefined;
      },
    });
    const victim = await world.start({ control });
    await world.load.post(scale === 'long' ? 200 : 10);
    const findings = await world.settle(victim, expectations(fault), { withinMs: patience(control, pair) });
    return outcomeOf(world, findings);
  } finally {
    await server.close();
    await world.remove();
  }
}

function expectations({ mayDie }: MailFault): Expectations {
  return {
    firedFor: () => ['tell.send'],
    keyed: new Set(['mail']),
    forwarded: new Set(),
    mayDie: new Set(mayDie ? ['mail'] : []),
  };
}

/** Headers hold the time of sending; the text below them is always the same. */
function describe({ headers, raw, time }: SinkMail) {
  return {
    destination: 'mail',
    callId: /call (\d+)/.exec(headers.subject ?? '')?.[1] ?? '?',
    key: headers['message-id'] ?? null,
    hash: sha256(raw.slice(raw.indexOf('\r\n\r\n'))),
    time,
  };
}
