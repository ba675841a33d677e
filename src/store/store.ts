import { type AttemptOutcome, type Outcome } from '../domain/attempt.js';
import { type Decision } from '../domain/decision.js';
import {
  type Delivery,
  type DeliveryCommand,
  type DeliveryState,
  type PlannedDelivery,
} from '../domain/delivery.js';
import { type ContactQuestion, type ContactVerdict } from '../domain/contact-gate.js';
import { type EventRecord, type EventStatus } from '../domain/event.js';
import { type ReplaySend } from '../domain/replay.js';
import { type Json } from '../lib/json.js';

/** The store could not write (disk full, file locked, I/O error). Intake answers 503 with `Retry-After`. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** The store cannot be opened at all; the message is one clear line for a person. */
export class StoreRefusedError extends Error {
  override readonly name = 'StoreRefusedError';
}

/** What `accept` is given. `status` and `revision` are settled inside the transaction. */
export interface NewEvent extends Omit<EventRecord, 'status' | 'revision'> {
  /** `call` becomes accepted, revision or duplicate; the other two are stored as they are. */
  intent: 'call' | 'test' | 'quarantined';
  /** Hash of the canonical content; identity together with source, eventKind and callId. */
  contentHash: string;
  raw: Uint8Array;
  ruleSet: string;
  /** What became of the call; `{ status: null, isMissed: false }` where it is none. */
  result: { status: string | null; isMissed: boolean };
  decisions: Decision[];
  deliveries: PlannedDelivery[];
}

export type AcceptResult =
  | { status: 'accepted' | 'revision' | 'test' | 'quarantined'; eventId: string; revision: number }
  /** Content equal to a stored revision: nothing was written; `fired` is what was decided then. */
  | { status: 'duplicate'; eventId: string; fired: string[] };

export interface ClaimRequest {
  now: number;
  /** How many deliveries each destination may take now. Destinations left out are not claimed. */
  slots: Record<string, number>;
  /** How long they are ours unless {@link Store.renew} makes it longer. */
  leaseMs: number;
}

/** A delivery that this process has claimed. */
export interface HeldLease {
  id: string;
  fence: number;
}

/** The oldest delivery that is due for a destination. */
export interface DueDestination {
  destination: string;
  deliveryId: string;
  attemptCount: number;
  dueAt: number;
}

/** What a process says of one of its lanes, where that is not simply ready. */
export interface LaneReport {
  name: string;
  state: string;
  reason: string | null;
  since: number | null;
  opensAt: number | null;
  running: number;
}

/** A process that works on this store. */
export interface ProcessReport {
  id: string;
  role: string;
  host: string;
  version: string;
  /** Fingerprint of the rule set that it decides by. */
  ruleSet: string;
  startedAt: number;
  lanes: LaneReport[];
}

export interface StoredProcess extends ProcessReport {
  /** By the clock of the store. */
  seenAt: number;
  /** Whether it holds the lease `leader`. Left out by a process that speaks of itself: it knows better. */
  leads?: boolean;
}

/** A claimed delivery together with the event it belongs to. */
export interface ClaimedDelivery {
  delivery: Delivery;
  event: EventRecord;
  raw: Uint8Array;
}

/** An event with its bytes, as they were received. */
export interface StoredEvent {
  event: EventRecord;
  /** Empty once {@link bodyPrunedAt} is set. */
  raw: Uint8Array;
  /** Fingerprint of the rule set that decided it last; of no meaning while it is quarantined. */
  ruleSet: string;
  /** When retention took the bytes; null while they are there. */
  bodyPrunedAt: number | null;
}

/** What follows from an attempt or a gate. Refused when the fence is no longer the latest. `dueAt: NOT_YET`: it waits for what it needs. */
export interface DeliveryUpdate {
  id: string;
  fence: number;
  state: Extract<DeliveryState, 'pending' | 'delivered' | 'dead' | 'held' | 'skipped' | 'canceled'>;
  reason: string | null;
  dueAt: number;
  now: number;
  /** Left out when no attempt was made (a gate, a pause). */
  attempt?: { startedAt: number; durationMs: number; result: AttemptOutcome; charged: boolean };
  /** Planned in the same transaction, for the same event and by the same rule set: the next of `call_tries`. */
  next?: PlannedDelivery;
}

/** `kept: false`: the fence is no longer the latest. `due`: destinations of what waited for this delivery and is due now. */
export interface UpdateResult {
  kept: boolean;
  due: string[];
}

/** What another delivery of the same rule left that this one needs. `receipt` is null while there is none. */
export interface NeededReceipt {
  action: string;
  state: DeliveryState;
  receipt: Json;
}

/** Where a link is kept. */
export interface LinkPlace {
  scope: string;
  destination: string;
  key: string;
}

export interface Attempt {
  number: number;
  startedAt: number;
  durationMs: number;
  outcome: Outcome;
  reason: string | null;
  message: string | null;
  httpStatus: number | null;
  /** What the destination answered when it took the delivery; left out where it said nothing. */
  receipt?: Json;
}

/** Which deliveries are meant; every field narrows. Times are of creation, `until` is exclusive. */
export interface DeliveryFilter {
  state?: DeliveryState | readonly DeliveryState[];
  rule?: string;
  destination?: string;
  contact?: string;
  eventId?: string;
  scope?: string;
  since?: number;
  until?: number;
  /** Only what is due after it: with state pending, follow-ups. */
  dueAfter?: number;
}

/** Which events are meant. `state` and `destination` ask for one delivery of the event that has them both. */
export interface EventFilter {
  source?: string;
  status?: EventStatus;
  callId?: string;
  contact?: string;
  /** A rule that fired, was undecided or ended in an error. */
  rule?: string;
  state?: DeliveryState;
  destination?: string;
  /** Times of receipt; `until` is exclusive. */
  since?: number;
  until?: number;
}

/** One page of a list, newest first. */
export interface Page {
  /** Id of the last entry of the page before: only older ones are listed. */
  after?: string;
  limit: number;
}

/** What became of a command. `refused`: the delivery is in a state that does not take it. */
export type CommandResult =
  | { done: true; delivery: Delivery }
  | { done: false; why: 'unknown' }
  | { done: false; why: 'refused'; state: DeliveryState };

export interface BulkCommand {
  filter: DeliveryFilter;
  command: DeliveryCommand;
  now: number;
  /** Only what was last changed before it: a delivery that dies again meanwhile is not taken twice. */
  changedBefore: number;
  /** At most so many in this transaction. */
  limit: number;
}

/** What a replay found out about an event that could not be read before. */
export interface EventIdentity {
  eventKind: string;
  callId: string | null;
  contentHash: string;
  scope: string;
  contact: string | null;
  problems: EventRecord['problems'];
  cause: string | null;
  root: string | null;
  result: NewEvent['result'];
}

export interface ReplayRequest {
  eventId: string;
  now: number;
  ruleSet: string;
  send: ReplaySend;
  decisions: Decision[];
  /** What the rules plan now; what reaches a contact is held already. */
  deliveries: PlannedDelivery[];
  /** Earlier deliveries of the event whose action has not changed since: they may be retried as they are. */
  unchanged: string[];
  /** Only for a quarantined event that can be read by now. */
  identity: EventIdentity | null;
}

/** Ids of deliveries. `left`: still on their way, or perhaps delivered. */
export interface ReplayResult {
  planned: string[];
  retried: string[];
  canceled: string[];
  left: string[];
  /** Set when a quarantined event turned out to be a copy of a stored one: nothing was changed. */
  duplicateOf: string | null;
}

export interface PruneRequest {
  /** Events received before it go, with everything that hangs on them, unless something is still to be done. Null: none. */
  eventsBefore: number | null;
  /** Bytes, rendered inputs, releases and receipts of events received before it go, likewise. Null: none. */
  bodiesBefore: number | null;
  /** Reaches before it go: as long as a limit looks back they count, though their events are gone. Null: none. */
  reachesBefore: number | null;
  now: number;
  /** At most so many events are looked at in this transaction, oldest first. */
  limit: number;
  /** Where the batch before ended; null at the start of a pass. */
  after: PruneCursor | null;
}

/** Place of an event among all, by age. */
export interface PruneCursor {
  receivedAt: number;
  seq: number;
}

export interface PruneResult {
  /** Events that are gone. */
  events: number;
  /** Events that lost their bytes only. */
  bodies: number;
  /** Where the next batch goes on; null when nothing older than asked is left to look at. */
  next: PruneCursor | null;
}

/** Deliveries that became dead or held, or events that were quarantined, counted by cause. */
export interface Trouble {
  reason: 'dead' | 'held' | 'quarantined';
  /** Destination, or source for `quarantined`. */
  name: string;
  /** Rule; `''` for `quarantined`. */
  rule: string;
  /** Reason of the deliveries; `''` for `quarantined`. */
  why: string;
  count: number;
  /** One of them: a delivery, or an event for `quarantined`. */
  exampleId: string;
}

/** One line to be told to one destination. */
export interface NewAlert {
  id: string;
  /** Position in the list `alerts:` and name of its destination. */
  entry: number;
  destination: string;
  /** What is told at most once per `everyMs` to this entry, e.g. `dead sales-slack server_error`. */
  cause: string;
  reason: string;
  /** For a person; no secrets, no personal data. */
  line: string;
  count: number;
}

export interface StoredAlert extends NewAlert {
  createdAt: number;
  dueAt: number;
  attemptCount: number;
  /** How many more of the same cause came after the alert before this one and were passed over. */
  passedOver: number;
}

/** Whom a delivery is about to reach. */
export interface ReachRequest {
  id: string;
  fence: number;
  /** The rendered input, kept before the first attempt. */
  input: string;
  /** As with {@link Store.saveInput}. */
  seenUntil?: string;
  scope: string;
  /** Everybody it reaches, see `contactKey`; at least one. */
  contacts: readonly string[];
  /** What the gate asks, without what only the store knows. */
  question: Omit<ContactQuestion, 'stopped' | 'reached'>;
  /** Event with which a chain of calls began, and how many it may cause; null: it is not counted. */
  chain: { root: string; max: number } | null;
}

/** `lost`: the fence is no longer the latest, or another call of the contact has come in after `seenUntil`. */
export type ReachResult = ContactVerdict | { is: 'held'; reason: `max_chain: ${string}` } | { is: 'lost' };

/** One of the deliveries that a message tells, and its event. */
export interface DigestMember {
  deliveryId: string;
  /** A person let it go: `only_if` is not asked any more. */
  isReleased: boolean;
  found: StoredEvent;
}

/** `head: false`: the delivery is not ours any more; another one tells it, or somebody else has it. */
export interface GatheredDigest {
  head: boolean;
  /** What the head tells, oldest first, its own first. An event stands in it once for each of its deliveries. */
  members: DigestMember[];
}

/** A member that the message does not tell after all. */
export interface LeavesDigest {
  id: string;
  state: Extract<DeliveryState, 'skipped' | 'held'>;
  reason: string;
}

/** A contact that nothing may reach. */
export interface Stop {
  scope: string;
  contact: string;
  /** When it was last said, milliseconds since the epoch: by hand, or at the end of a call. */
  since: number;
  /** Who or what said so then. */
  reason: string;
}

export interface StopChange {
  do: 'stop' | 'allow';
  scope: string;
  contact: string;
  reason: string;
}

/** `changed: false`: it was so already. `canceled`: ids of what waited to reach the contact. */
export interface StopResult {
  changed: boolean;
  canceled: string[];
}

/** What is known of a contact from its calls. Times are milliseconds since the epoch. */
export interface ContactFacts {
  calls: number;
  missed: number;
  /** The same for the windows that were asked for, in their order. */
  within: { windowMs: number; calls: number; missed: number }[];
  /** In the vendor's word; null where there was none, or it did not say. */
  lastStatus: string | null;
  lastAt: number | null;
  /** Deliveries that wait for a later time. */
  openFollowUps: number;
}

export interface ContactFactsRequest {
  scope: string;
  contact: string;
  /** Windows are counted back from it, and what came in after it is not known yet. */
  now: number;
  windowsMs: readonly number[];
  /** A call that is not counted, nor taken for the last one: that of the event itself. Null: none. */
  except: { source: string; callId: string } | null;
}

/** Where a call that we caused comes from. */
export interface Chain {
  /** Event that all of it began with. */
  root: string;
  /** Rules whose deliveries led to it, the nearest first. */
  rules: string[];
}

/** Where truth is kept. Every method is one transaction; writes that arrive together share a sync. */
export interface Store {
  /** True where other processes may work on it at the same time. */
  readonly isShared: boolean;
  /** Stores an event with its decisions and deliveries, all or nothing. Race-free for parallel copies. */
  accept(event: NewEvent): Promise<AcceptResult>;
  /** Moves what is due to `sending`, oldest first, under a new fence and lease. */
  claim(request: ClaimRequest): Promise<ClaimedDelivery[]>;
  /**
   * Keeps the rendered input before the first attempt. False when the fence is no longer the latest; or when another
   * call of the contact has come in after the event `seenUntil`, which may take the delivery back.
   */
  saveInput(id: string, fence: number, input: string, seenUntil?: string): Promise<boolean>;
  /** Other calls of the same contact and scope that came in after an event, oldest first, at most 100. */
  laterCalls(eventId: string): Promise<StoredEvent[]>;
  /**
   * Asks the contact gate, and when it lets a delivery go keeps its input and notes whom it reaches: all in one
   * transaction, so that no stop and no other delivery to the same contact comes in between.
   */
  reach(request: ReachRequest): Promise<ReachResult>;
  /**
   * Puts deliveries of one digest together that are due and not rendered yet: the first of them is the head, the
   * others wait for it. What is rendered already gathers nothing more.
   */
  gatherDigest(id: string, fence: number, now: number): Promise<GatheredDigest>;
  /** Takes members from a head, which they wait for no longer. What does not wait for it any more stays as it is. */
  leaveDigest(headId: string, left: readonly LeavesDigest[], now: number): Promise<void>;
  /** Null: nothing stops this contact. */
  findStop(scope: string, contact: string): Promise<Stop | null>;
  /** Newest first. */
  listStops(page: { scope?: string; limit: number }): Promise<Stop[]>;
  /**
   * Puts a contact on the list of those that nothing may reach, and takes back what waits to reach it; or takes it off.
   */
  changeStop(change: StopChange, now: number): Promise<StopResult>;
  contactFacts(request: ContactFactsRequest): Promise<ContactFacts>;
  /** Where the call comes from that this delivery caused; null: there is no such delivery. */
  findChain(deliveryId: string): Promise<Chain | null>;
  /** Puts an attempt or a gate's answer on record, with the links that the attempt leaves. */
  update(update: DeliveryUpdate): Promise<UpdateResult>;
  /** Receipts of what a delivery needs, in the order of the rule. */
  findReceipts(deliveryId: string): Promise<NeededReceipt[]>;
  /** What an adapter keeps there, or null. */
  findLink(place: LinkPlace): Promise<Json>;
  /** Lengthens the leases of what is being sent; answers the ids of those that are still ours. */
  renew(held: readonly HeldLease[], leaseMs: number): Promise<string[]>;
  /** Time of the next pending delivery, or null. */
  nextDueAt(): Promise<number | null>;
  /** Names of the destinations that pending deliveries are for. */
  pendingDestinations(): Promise<string[]>;
  /** Destinations for which something has been due since `dueBefore`, each with its oldest. */
  dueDestinations(dueBefore: number): Promise<DueDestination[]>;
  /**
   * Takes up what was left in `sending`: all of it where the store is not shared, else what nobody has held since
   * its lease ended. What had its input rendered may have left before the crash: it has the last outcome
   * `unknown` and is due now with the reason `unknown`; the rest keeps its time, by which it may be late. Answers how
   * many, and for which destinations.
   */
  recover(now: number): Promise<{ count: number; destinations: string[] }>;
  /** How many deliveries are in each state. */
  countDeliveries(): Promise<Partial<Record<DeliveryState, number>>>;
  saveRuleSet(fingerprint: string, content: string): Promise<void>;
  loadRuleSet(fingerprint: string): Promise<string | null>;
  findEvent(id: string): Promise<StoredEvent | null>;
  findDecisions(eventId: string): Promise<Decision[]>;
  findDelivery(id: string): Promise<Delivery | null>;
  /** `cause` and `root` are null in it. */
  listEvents(filter: EventFilter & Page): Promise<EventRecord[]>;
  listDeliveries(filter: DeliveryFilter & Page): Promise<Delivery[]>;
  listAttempts(deliveryId: string): Promise<Attempt[]>;
  /** How many deliveries a filter matches. */
  countMatching(filter: DeliveryFilter): Promise<number>;

  /** Retries, releases or cancels one delivery. */
  command(id: string, command: DeliveryCommand, now: number): Promise<CommandResult>;
  /** The same for up to `limit` deliveries, oldest first; answers how many and for which destinations. */
  commandMany(request: BulkCommand): Promise<{ count: number; destinations: string[] }>;
  /** Puts a replay on record; null when there is no such event. */
  replay(request: ReplayRequest): Promise<ReplayResult | null>;
  /** Removes what is older than asked, one small batch of a pass over the events. */
  prune(request: PruneRequest): Promise<PruneResult>;

  /** What went wrong in [since, until). */
  findTrouble(range: { since: number; until: number }): Promise<Trouble[]>;
  /** Keeps what is to be told, each cause at most once per `everyMs`; answers how many lines were new. */
  raiseAlerts(request: { alerts: NewAlert[]; now: number; everyMs: number }): Promise<number>;
  /** Alerts that are due, oldest first, at most 500. */
  dueAlerts(now: number): Promise<StoredAlert[]>;
  /** `again`: told at `dueAt`; `gave_up` and `sent` are final. */
  settleAlerts(request: {
    ids: string[];
    now: number;
    outcome: 'sent' | 'again' | 'gave_up';
    dueAt: number;
  }): Promise<void>;
  /** Time of the newest event of a source received since then, or null. */
  lastEventAt(source: string, since: number): Promise<number | null>;

  /** Values kept by name (`alerts.cursor`, `destination.crm.paused`); the store itself makes no use of them. */
  findSettings(prefix: string): Promise<Record<string, string>>;
  /** Null removes it. */
  putSetting(key: string, value: string | null): Promise<void>;
  /** Keeps `value` under `key` unless something is there; returns what is kept. */
  settle(key: string, value: string): Promise<string>;
  /** Takes or renews a lease of this name; false while somebody else holds it. */
  lead(name: string, holder: string, leaseMs: number): Promise<boolean>;
  /** Gives a lease back, so that another need not wait for its end. */
  resign(name: string, holder: string): Promise<void>;
  /** Says that this process is there; answers the time of the store's clock. */
  beat(report: ProcessReport): Promise<number>;
  /** This process is going. */
  signOff(processId: string): Promise<void>;
  /** Those that were heard of within `silentMs`, oldest first. */
  listProcesses(silentMs: number): Promise<StoredProcess[]>;
  /** Resolves when a small write has reached the disk; throws {@link StoreUnavailableError} otherwise. */
  probe(): Promise<void>;
  close(): Promise<void>;
}
