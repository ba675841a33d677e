import { type LiveConfig } from '../config/live.js';
import { type Clock } from '../lib/clock.js';
import { type RuleSetCache } from '../plan/rule-set-cache.js';
import { type Store } from '../store/store.js';
import {
  type BulkOptions,
  type DeliveryQuery,
  type EventQuery,
  type PageQuery,
  type ReleaseOptions,
  type ReplayOptions,
} from './queries.js';
import {
  type BulkReplayView,
  type CountView,
  type DeliveryDetails,
  type DeliveryView,
  type EventDetails,
  type EventView,
  type ExplainView,
  type ListView,
  type ReplayView,
} from './views.js';

export interface DeskParts {
  store: Store;
  live: LiveConfig;
  ruleSets: RuleSetCache;
  clock: Clock;
  /** Told which destinations have something due now; `probe` asks also those whose breaker is open. */
  wake?: (destinations: readonly string[], probe: boolean) => void;
  /** Why a destination takes nothing at the moment, as a delivery's reason. Default: what the configuration says. */
  laneReason?: (destination: string) => string | null;
}

/**
 * What a person can do with events and deliveries: over HTTP beside a running server, by command on the
 * store of a stopped one. Questions and answers are plain JSON in the words of the admin API.
 * Every method throws {@link DeskError} for what cannot be done.
 */
export interface DeskMethods {
  listEvents(query?: EventQuery & PageQuery): Promise<ListView<EventView>>;
  showEvent(id: string): Promise<EventDetails>;
  /** By the rule set that is stored with the event. @param rule only this one */
  explain(id: string, rule?: string): Promise<ExplainView>;
  replay(id: string, options?: ReplayOptions): Promise<ReplayView>;
  replayMany(query: EventQuery, options?: ReplayOptions & BulkOptions): Promise<BulkReplayView>;
  listDeliveries(query?: DeliveryQuery & PageQuery): Promise<ListView<DeliveryView>>;
  showDelivery(id: string): Promise<DeliveryDetails>;
  retry(id: string): Promise<DeliveryView>;
  release(id: string, options?: ReleaseOptions): Promise<DeliveryView>;
  cancel(id: string): Promise<DeliveryView>;
  retryMany(query: DeliveryQuery, options?: BulkOptions): Promise<CountView>;
  releaseMany(query: DeliveryQuery, options?: ReleaseOptions & BulkOptions): Promise<CountView>;
  cancelMany(query: DeliveryQuery, options?: BulkOptions): Promise<CountView>;
}
