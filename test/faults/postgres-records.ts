import pg from 'pg';
import { type History, type StoredAttempt, type StoredDelivery, type StoredEvent } from './history.js';

/** A delivery that was taken up because the lease of its claim had run out. Times are milliseconds since the epoch. */
export interface TakeUp {
  deliveryId: string;
  claimedAt: number;
  takenUpAt: number;
}

/**
 * The database notes by itself whenever a claim ends without an attempt on record although its lease had run out:
 * whoever held it may have sent, and nobody knows. A program that lies about that is not asked.
 */
const WATCH = `
create table fault_take_ups (delivery_id text not null, claimed_at bigint not null, taken_up_at bigint not null);
create function fault_note_take_up() returns trigger language plpgsql as $$
begin
  insert into fault_take_ups values (old.id, old.updated_at, extract(epoch from clock_timestamp()) * 1000);
  return null;
end $$;
create trigger fault_take_up after update on deliveries for each row
when (old.state = 'sending' and new.attempt_count = old.attempt_count
  and (new.state <> 'sending' or new.fence <> old.fence)
  and old.lease_until <= extract(epoch from clock_timestamp()) * 1000)
execute function fault_note_take_up();`;

/** The rows of a run on PostgreSQL, read from outside, whoever else is at work there. */
export class PostgresRecords {
  #isWatched = false;

  constructor(private readonly url: string) {}

  /** Sets up the notes as soon as there are tables. Before the first claim has run out there is nothing to note. */
  async watch(): Promise<void> {
    if (this.#isWatched) return;
    const [{ there } = { there: false }] = await this.#query<{ there: boolean }>(
      "select to_regclass('deliveries') is not null as there",
    );
    if (there) await this.#query(WATCH);
    this.#isWatched = there;
  }

  async read(): Promise<Pick<History, 'events' | 'deliveries' | 'attempts' | 'doubts'>> {
    const doubts = new Map<string, number>();
    for (const { deliveryId } of await this.takeUps())
      doubts.set(deliveryId, (doubts.get(deliveryId) ?? 0) + 1);
    return {
      events: await this.#query<StoredEvent>(
        `select id, call_id as "callId",
           case when length(raw) > 0 then encode(sha256(raw), 'hex') end as hash from events`,
      ),
      deliveries: await this.#query<StoredDelivery>(
        `select id, event_id as "eventId", rule, action, destination, state, due_at::float as "dueAt" from deliveries`,
      ),
      attempts: await this.#query<StoredAttempt>(
        'select delivery_id as "deliveryId", outcome, http_status as "httpStatus" from attempts order by number',
      ),
      doubts,
    };
  }

  async takeUps(): Promise<TakeUp[]> {
    await this.watch();
    return this.#query<TakeUp>(
      `select delivery_id as "deliveryId", claimed_at::float as "claimedAt", taken_up_at::float as "takenUpAt"
       from fault_take_ups order by taken_up_at`,
    );
  }

  /** How many deliveries are being sent or are due within so long. */
  async countBusy(withinMs: number): Promise<number> {
    const [row] = await this.#query<{ busy: number }>(
      `select count(*)::int as busy from deliveries
       where state = 'sending' or state = 'pending' and due_at < ${Date.now() + withinMs}`,
    );
    return row?.busy ?? 0;
  }

  /** A connection each time: the server may have been restarted in between. */
  async #query<Row>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows as Row[];
    } finally {
      await client.end();
    }
  }
}
