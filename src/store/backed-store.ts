import { type Decision } from '../domain/decision.js';
import { type Delivery, type DeliveryCommand, type DeliveryState } from '../domain/delivery.js';
import { type EventRecord } from '../domain/event.js';
import { type Json } from '../lib/json.js';
import { type Read, type ReadResults } from './reads.js';
import {
  type AcceptResult,
  type Attempt,
  type BulkCommand,
  type Chain,
  type ClaimedDelivery,
  type ClaimRequest,
  type CommandResult,
  type ContactFacts,
  type ContactFactsRequest,
  type DeliveryFilter,
  type DeliveryUpdate,
  type DueDestination,
  type EventFilter,
  type GatheredDigest,
  type HeldLease,
  type LeavesDigest,
  type LinkPlace,
  type NeededReceipt,
  type NewEvent,
  type Page,
  type PruneRequest,
  type ProcessReport,
  type PruneResult,
  type ReachRequest,
  type ReachResult,
  type ReplayRequest,
  type ReplayResult,
  type Stop,
  type StopChange,
  type StopResult,
  type Store,
  type StoredAlert,
  type StoredEvent,
  type StoredProcess,
  type Trouble,
  type UpdateResult,
} from './store.js';
import { WriteQueue, type WriteQueueLimits } from './write-queue.js';
import { isRepeatable, sizeOf } from './write-costs.js';
import { type Write, type WriteResults } from './writes.js';
import { type AlertsToRaise, type AlertsToSettle } from './alerts.js';
import { type Backend } from './backend.js';

export interface BackedStoreOptions {
  /** True where other processes may use it as well. */
  isShared: boolean;
  /** Default: the system clock. */
  now?: () => number;
  /** Bounds of what may wait to be written. */
  limits?: Partial<WriteQueueLimits>;
}

/** A store whose statements run somewhere else: on a thread, or in a server. Writes share a queue and so a sync. */
export class BackedStore implements Store {
  readonly isShared: boolean;
  readonly #backend: Backend;
  readonly #queue: WriteQueue<Write>;
  readonly #now: () => number;

  constructor(backend: Backend, { now = Date.now, limits, isShared }: BackedStoreOptions) {
    this.isShared = isShared;
    this.#backend = backend;
    this.#now = now;
    this.#queue = new WriteQueue({ run: (batch) => backend.apply(batch), sizeOf, isRepeatable, limits });
  }

  accept(event: NewEvent): Promise<AcceptResult> {
    return this.#write({ do: 'accept', event });
  }

  claim(request: ClaimRequest): Promise<ClaimedDelivery[]> {
    return this.#write({ do: 'claim', request });
  }

  saveInput(id: string, fence: number, input: string, seenUntil?: string): Promise<boolean> {
    return this.#write({ do: 'saveInput', id, fence, input, seenUntil });
  }

  reach(request: ReachRequest): Promise<ReachResult> {
    return this.#write({ do: 'reach', request });
  }

  gatherDigest(id: string, fence: number, now: number): Promise<GatheredDigest> {
    return this.#write({ do: 'gatherDigest', id, fence, now });
  }

  async leaveDigest(headId: string, left: readonly LeavesDigest[], now: number): Promise<void> {
    await this.#write({ do: 'leaveDigest', headId, left, now });
  }

  findStop(scope: string, contact: string): Promise<Stop | null> {
    return this.#read({ get: 'stop', scope, contact });
  }

  listStops({ scope, limit }: { scope?: string; limit: number }): Promise<Stop[]> {
    return this.#read({ get: 'stops', scope, limit });
  }

  changeStop(change: StopChange, now: number): Promise<StopResult> {
    return this.#write({ do: 'changeStop', change, now });
  }

  contactFacts(request: ContactFactsRequest): Promise<ContactFacts> {
    return this.#read({ get: 'contactFacts', request });
  }

  findChain(deliveryId: string): Promise<Chain | null> {
    return this.#read({ get: 'chain', deliveryId });
  }

  laterCalls(eventId: string): Promise<StoredEvent[]> {
    return this.#read({ get: 'laterCalls', eventId });
  }

  update(update: DeliveryUpdate): Promise<UpdateResult> {
    return this.#write({ do: 'update', update });
  }

  renew(held: readonly HeldLease[], leaseMs: number): Promise<string[]> {
    return this.#write({ do: 'renew', held, leaseMs, now: this.#now() });
  }

  recover(now: number): Promise<{ count: number; destinations: string[] }> {
    return this.#write({ do: 'recover', now });
  }

  async saveRuleSet(fingerprint: string, content: string): Promise<void> {
    await this.#write({ do: 'saveRuleSet', fingerprint, content, now: this.#now() });
  }

  settle(key: string, value: string): Promise<string> {
    return this.#write({ do: 'settle', key, value });
  }

  async putSetting(key: string, value: string | null): Promise<void> {
    await this.#write({ do: 'putSetting', key, value });
  }

  command(id: string, command: DeliveryCommand, now: number): Promise<CommandResult> {
    return this.#write({ do: 'command', id, command, now });
  }

  commandMany(request: BulkCommand): Promise<{ count: number; destinations: string[] }> {
    return this.#write({ do: 'commandMany', request });
  }

  replay(request: ReplayRequest): Promise<ReplayResult | null> {
    return this.#write({ do: 'replay', request });
  }

  prune(request: PruneRequest): Promise<PruneResult> {
    return this.#write({ do: 'prune', request });
  }

  raiseAlerts(request: AlertsToRaise): Promise<number> {
    return this.#write({ do: 'raiseAlerts', request });
  }

  async settleAlerts(request: AlertsToSettle): Promise<void> {
    await this.#write({ do: 'settleAlerts', request });
  }

  async probe(): Promise<void> {
    await this.#write({ do: 'probe', now: this.#now() });
  }

  nextDueAt(): Promise<number | null> {
    return this.#read({ get: 'nextDueAt' });
  }

  pendingDestinations(): Promise<string[]> {
    return this.#read({ get: 'pendingDestinations' });
  }

  countDeliveries(): Promise<Partial<Record<DeliveryState, number>>> {
    return this.#read({ get: 'countDeliveries' });
  }

  loadRuleSet(fingerprint: string): Promise<string | null> {
    return this.#read({ get: 'ruleSet', fingerprint });
  }

  findEvent(id: string): Promise<StoredEvent | null> {
    return this.#read({ get: 'event', id });
  }

  findDecisions(eventId: string): Promise<Decision[]> {
    return this.#read({ get: 'decisions', eventId });
  }

  findDelivery(id: string): Promise<Delivery | null> {
    return this.#read({ get: 'delivery', id });
  }

  listEvents(filter: EventFilter & Page): Promise<EventRecord[]> {
    return this.#read({ get: 'events', filter });
  }

  listDeliveries(filter: DeliveryFilter & Page): Promise<Delivery[]> {
    return this.#read({ get: 'deliveries', filter });
  }

  countMatching(filter: DeliveryFilter): Promise<number> {
    return this.#read({ get: 'countMatching', filter });
  }

  findReceipts(deliveryId: string): Promise<NeededReceipt[]> {
    return this.#read({ get: 'receipts', deliveryId });
  }

  findLink(place: LinkPlace): Promise<Json> {
    return this.#read({ get: 'link', place });
  }

  listAttempts(deliveryId: string): Promise<Attempt[]> {
    return this.#read({ get: 'attempts', deliveryId });
  }

  findTrouble({ since, until }: { since: number; until: number }): Promise<Trouble[]> {
    return this.#read({ get: 'trouble', since, until });
  }

  dueAlerts(now: number): Promise<StoredAlert[]> {
    return this.#read({ get: 'dueAlerts', now });
  }

  lastEventAt(source: string, since: number): Promise<number | null> {
    return this.#read({ get: 'lastEventAt', source, since });
  }

  findSettings(prefix: string): Promise<Record<string, string>> {
    return this.#read({ get: 'settings', prefix });
  }

  dueDestinations(dueBefore: number): Promise<DueDestination[]> {
    return this.#read({ get: 'dueDestinations', dueBefore });
  }

  lead(name: string, holder: string, leaseMs: number): Promise<boolean> {
    return this.#write({ do: 'lead', name, holder, leaseMs, now: this.#now() });
  }

  async resign(name: string, holder: string): Promise<void> {
    await this.#write({ do: 'resign', name, holder });
  }

  beat(report: ProcessReport): Promise<number> {
    return this.#write({ do: 'beat', report, now: this.#now() });
  }

  async signOff(processId: string): Promise<void> {
    await this.#write({ do: 'signOff', id: processId });
  }

  listProcesses(silentMs: number): Promise<StoredProcess[]> {
    return this.#read({ get: 'processes', silentMs, now: this.#now() });
  }

  async close(): Promise<void> {
    await this.#queue.close();
    await this.#backend.close();
  }

  async #write<Kind extends Write['do']>(write: Write & { do: Kind }): Promise<WriteResults[Kind]> {
    return (await this.#queue.submit(write)) as WriteResults[Kind];
  }

  async #read<Kind extends Read['get']>(read: Read & { get: Kind }): Promise<ReadResults[Kind]> {
    return (await this.#backend.query(read)) as ReadResults[Kind];
  }
}
