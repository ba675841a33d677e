import { type Expectations } from './history.js';
import { type FaultConfig, type FaultWorld } from './fault-world.js';
import { qualityOf } from './fault-calls.js';

/** So many that a destination which fails every other time never kills a delivery by chance. */
const SOON = { waits: ['50ms', '100ms', '200ms', ...Array<string>(22).fill('500ms')] };
const http = (path: string) => ({ kind: 'struck-http', url: `sink:${path}`, retry: SOON, concurrency: 5 });

/** Every call goes to a keyed and an unkeyed destination; some to one that often fails, some to one that refuses. */
export const KILL_CONFIG: FaultConfig = {
  destinations: {
    keyed: http('keyed'),
    unkeyed: { kind: 'struck-slack', webhook_url: 'sink:unkeyed', retry: SOON, concurrency: 5 },
    flaky: http('flaky'),
    refusing: http('refusing'),
    never: http('never'),
  },
  rules: {
    forward: { match: 'everything', then: [{ id: 'send', to: 'keyed' }] },
    tell: { match: 'everything', then: [{ id: 'say', to: 'unkeyed', with: { text: 'call {{ id }}' } }] },
    hot: { match: { 'extracted_variables.lead_quality': 'hot' }, then: [{ id: 'send', to: 'flaky' }] },
    cold: { match: { 'extracted_variables.lead_quality': 'cold' }, then: [{ id: 'send', to: 'refusing' }] },
    none: {
      match: { 'extracted_variables.lead_quality': 'unheard of' },
      then: [{ id: 'send', to: 'never' }],
    },
  },
};

export const KILL_EXPECTATIONS: Expectations = {
  firedFor: (callId) => {
    const both = ['forward.send', 'tell.say'];
    if (qualityOf(callId) === 'hot') return [...both, 'hot.send'];
    return qualityOf(callId) === 'cold' ? [...both, 'cold.send'] : both;
  },
  keyed: new Set(['keyed', 'flaky', 'refusing', 'never']),
  forwarded: new Set(['keyed', 'flaky', 'refusing']),
  mayDie: new Set(['refusing']),
  destinationOf: {
    'forward.send': 'keyed',
    'tell.say': 'unkeyed',
    'hot.send': 'flaky',
    'cold.send': 'refusing',
  },
};

/** Answers take a moment, so that something is always on its way; every other request to `flaky` fails. */
export function behaveForKills({ sink, log }: Pick<FaultWorld, 'sink' | 'log'>, delayMs = 3): void {
  sink.respondWith(log.responder(() => ({ answer: { delayMs } })));
  sink.respondAt(
    '/flaky',
    log.responder((nth) => (nth % 2 === 1 ? { answer: { status: 500, delayMs }, taken: false } : {})),
  );
  sink.respondAt(
    '/refusing',
    log.responder(() => ({ answer: { status: 400, delayMs }, taken: false })),
  );
}

/** Room for so many attempts at once at each destination, over all processes. */
export function withConcurrency(config: FaultConfig, concurrency: number): FaultConfig {
  const entries = Object.entries(config.destinations);
  return {
    ...config,
    destinations: Object.fromEntries(entries.map(([name, options]) => [name, { ...options, concurrency }])),
  };
}

/** The program knows its own kinds only. */
export function withBuiltInKinds(config: FaultConfig): FaultConfig {
  return JSON.parse(JSON.stringify(config).replaceAll('struck-', '')) as FaultConfig;
}
