import {
  type ClaimedDelivery,
  type DeliveryUpdate,
  type Store,
  type UpdateResult,
} from '../../../src/store/store.js';
import { type Control, say } from './plan.js';
import { type Trap } from './trap.js';

/** How long the lie lasts: the time between the answer and the commit. */
const LIE_MS = 50;

/** The store with a trap at its contract, and wrong in one way where a control asks for it. */
export function struckStore(store: Store, trap: Trap, control: Control | undefined): Store {
  const accept: Store['accept'] = async (event) => {
    trap.reach('accept');
    const result = await acceptAs(control, store, event);
    trap.reach('commit');
    return result;
  };
  const claim: Store['claim'] = async (request) => {
    const claimed: ClaimedDelivery[] = trap.takesNothing ? [] : await store.claim(request);
    if (claimed.length > 0) trap.reach('claim');
    return claimed;
  };
  const update: Store['update'] = async (change) => {
    const late = trap.sprung;
    const taken = await updateAs(control, store, change);
    if (late) say({ is: 'late-write', taken: taken.kept });
    if (change.attempt !== undefined) reachAfter(trap, change);
    return taken;
  };
  let isStarted = false;
  const recover: Store['recover'] = async (now) => {
    isStarted = true;
    // What others are sending on a shared store is theirs.
    if (!store.isShared) {
      const left = await store.listDeliveries({ state: 'sending', limit: 1_000 });
      say({ is: 'found-sending', ids: left.map(({ id }) => id) });
    }
    return control === 'no-recovery' ? { count: 0, destinations: [] } : store.recover(now);
  };
  const saveRuleSet: Store['saveRuleSet'] = async (fingerprint, content) => {
    if (control !== 'no-rule-set') await store.saveRuleSet(fingerprint, content);
    // A new configuration is read and on record, and not in force yet.
    if (isStarted) trap.reach('swap');
  };
  const dueDestinations: Store['dueDestinations'] = (dueBefore) =>
    control === 'no-reconciler' ? Promise.resolve([]) : store.dueDestinations(dueBefore);
  return withMethods(store, { accept, claim, update, recover, saveRuleSet, dueDestinations });
}

function reachAfter(trap: Trap, { state }: DeliveryUpdate): void {
  if (state === 'delivered') trap.reach('record');
  if (state === 'pending') trap.reach('retry');
  if (state === 'dead') trap.reach('dead');
}

const acceptAs = async (
  control: Control | undefined,
  store: Store,
  event: Parameters<Store['accept']>[0],
): ReturnType<Store['accept']> => {
  const lie = { status: 'accepted', eventId: event.id, revision: 1 } as const;
  if (control === 'swallow-trouble') return store.accept(event).catch(() => lie);
  if (control !== 'answer-before-commit') return store.accept(event);
  // What becomes of it, nobody asks any more.
  setTimeout(() => void store.accept(event).catch(() => undefined), LIE_MS);
  return lie;
};

async function updateAs(
  control: Control | undefined,
  store: Store,
  change: DeliveryUpdate,
): Promise<UpdateResult> {
  if (control !== 'no-fence') return store.update(change);
  const current = await store.findDelivery(change.id);
  return store.update({ ...change, fence: current?.fence ?? change.fence });
}

/** The methods of a class live on its prototype, where a spread does not see them. */
function withMethods(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const own = methods[name as keyof Store];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
