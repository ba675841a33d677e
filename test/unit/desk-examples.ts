import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAdapters } from '../../src/adapters/catalogue.js';
import { LiveConfig } from '../../src/config/live.js';
import { readConfig } from '../../src/config/read-config.js';
import { EventAcceptor } from '../../src/intake/accept-event.js';
import { systemClock } from '../../src/lib/clock.js';
import { keepRuleSet } from '../../src/reload.js';
import { openStore } from '../../src/open-store.js';
import { loadSources } from '../../src/sources/catalogue.js';
import { type DeliveryUpdate, type Store } from '../../src/store/store.js';
import { fixture } from '../support/intake.js';
import { blocksOf, ENVIRONMENT, inFolder, type Page, run } from './doc-examples.js';
import { type FencedBlock } from './markdown.js';

/** In the info of a block: what prints it, run on the store of one call. */
const DESK_COMMAND = 'desk=';

/** What each action of the page's rule comes to, attempt by attempt, before the first command. */
const FATES: Record<string, Pick<DeliveryUpdate, 'state' | 'reason' | 'attempt'>[]> = {
  'tell-sales': [
    { state: 'delivered', reason: null, attempt: attempt(112, { outcome: 'delivered', httpStatus: 200 }) },
  ],
  crm: [
    {
      state: 'pending',
      reason: 'connection',
      attempt: attempt(31, { outcome: 'retry', reason: 'connection' }),
    },
    {
      state: 'dead',
      reason: 'server_error',
      attempt: attempt(2_345, { outcome: 'retry', reason: 'server_error', httpStatus: 502 }),
    },
  ],
  thank: [{ state: 'held', reason: 'missing: lead.variables.mail' }],
};

const INPUTS: Record<string, object> = {
  'tell-sales': { text: 'Customer interested in product demo' },
  crm: { body: { phone: '+1234567890', summary: 'Customer interested in product demo' } },
};

type Attempt = NonNullable<DeliveryUpdate['attempt']>;

function attempt(durationMs: number, result: Attempt['result']): Attempt {
  return { startedAt: Date.now(), durationMs, result, charged: true };
}

/** Runs every such block of a page, each on a store of its own, and answers what they printed, made comparable. */
export async function runDeskBlocks(page: Page): Promise<{ line: number; shown: string; printed: string }[]> {
  const results = [];
  for (const block of page.blocks.filter(({ info }) => info.startsWith(DESK_COMMAND))) {
    const printed = await runDeskBlock(page, block);
    results.push({ line: block.line, shown: comparable(block.text), printed: comparable(printed) });
  }
  return results;
}

/** Names in braces stand for ids: those of the actions' deliveries, and `event`. */
function runDeskBlock(page: Page, block: FencedBlock): Promise<string> {
  const [rules] = blocksOf(page, 'yaml');
  if (!rules) throw new Error('the page has no rule file');
  return inFolder(page, rules, async (dir) => {
    await appendFile(join(dir, 'aftercall.yaml'), `storage: sqlite:${dir}/calls.db\n`);
    const ids = await fillStore(dir);
    const written = block.info.slice(DESK_COMMAND.length);
    const command = written.replace(/\{([\w-]+)\}/g, (_, name: string) => ids.get(name) ?? '?');
    const { printed } = await run([...command.split(' '), '--config', dir], dir);
    return printed.replaceAll(` --config ${dir}`, '');
  });
}

/** One call, with its deliveries as they fared; answers their ids by action, and the event's as `event`. */
async function fillStore(dir: string): Promise<Map<string, string>> {
  const [kinds, sourceKinds] = await Promise.all([loadAdapters(), loadSources()]);
  const read = await readConfig({ input: dir, env: ENVIRONMENT, kinds, sourceKinds });
  if (!read.ok) throw new Error('the rule file of the page does not load');
  const store = await openStore(read.config, { thread: false });
  try {
    await keepRuleSet(store, read.config);
    const parts = {
      store,
      live: new LiveConfig(read.config),
      queue: { wake: () => undefined },
      clock: systemClock,
    };
    const { body } = await new EventAcceptor(parts).accept('autocalls', fixture('completed-campaign'));
    const deliveries = await store.listDeliveries({ limit: 10 });
    while (await sendAll(store));
    return new Map([
      ['event', body.event_id],
      ...deliveries.map(({ action, id }): [string, string] => [action, id]),
    ]);
  } finally {
    await store.close();
  }
}

/** One attempt of everything that is due; answers whether there was anything. */
async function sendAll(store: Store): Promise<boolean> {
  const now = Date.now();
  const slots = { 'sales-slack': 9, 'crm-hook': 9, mail: 9 };
  const claimed = await store.claim({ now, slots, leaseMs: 0 });
  for (const { delivery } of claimed) {
    const { id, fence, action, attemptCount } = delivery;
    const input = INPUTS[action];
    if (input && delivery.input === null) await store.saveInput(id, fence, JSON.stringify(input));
    const fate = FATES[action]?.[attemptCount];
    if (fate) await store.update({ id, fence, dueAt: now, now, ...fate });
  }
  return claimed.length > 0;
}

/** Without what differs from run to run: ids, times, and the widths of columns that follow from them. */
function comparable(text: string): string {
  return text
    .trimEnd()
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d/g, '<time>')
    .replace(/\d+ (s|min|h|d) ago|in \d+ (s|min|h|d)|\bnow\b/g, '<ago>')
    .replace(/ {2,}/g, '  ');
}
