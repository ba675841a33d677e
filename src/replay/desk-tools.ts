import { type LiveConfig } from '../config/live.js';
import { type Delivery } from '../domain/delivery.js';
import { type Clock } from '../lib/clock.js';
import { type RuleSetCache } from '../plan/rule-set-cache.js';
import { type Store } from '../store/store.js';
import { type DeliveryView, deliveryView } from './views.js';

export interface DeskParts {
  store: Store;
  live: LiveConfig;
  ruleSets: RuleSetCache;
  clock: Clock;
  /** Told which destinations have something due because a person asked: those that are open are probed. */
  wake?: (destinations: readonly string[]) => void;
  /** Why a destination takes nothing at the moment, as a delivery's reason. Default: what the configuration says. */
  laneReason?: (destination: string) => string | null;
}

/** What every part of the desk works with. */
export interface DeskTools extends Pick<DeskParts, 'store' | 'live' | 'ruleSets' | 'clock'> {
  wake: (destinations: readonly string[]) => void;
  view: (delivery: Delivery) => DeliveryView;
}

export function deskTools({ store, live, ruleSets, clock, wake, laneReason }: DeskParts): DeskTools {
  const reasonOf = (destination: string) => {
    const isDisabled = live.current().config.destinations.get(destination)?.enabled === false;
    return isDisabled ? 'destination_disabled' : (laneReason?.(destination) ?? null);
  };
  return {
    ...{ store, live, ruleSets, clock },
    wake: (destinations) => {
      if (destinations.length > 0) wake?.(destinations);
    },
    view: (delivery) => deliveryView(delivery, reasonOf),
  };
}
