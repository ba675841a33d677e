export const DELIVERY_ID = '01a20abe-0c99-7468-b203-f1cc643cacf6';
export const EVENT_ID = '01a20abe-0c8e-7c73-91a6-15225e56819d';

/** A delivery as the admin API lists it. */
export const DEAD_DELIVERY = {
  id: DELIVERY_ID,
  event_id: EVENT_ID,
  rule: 'hot-lead',
  action: 'crm',
  destination: 'crm-hook',
  kind: 'http',
  operation: 'send',
  state: 'dead',
  due_at: '2026-11-23T10:00:00.000Z',
  attempt_count: 2,
  reason: 'server_error',
  idempotency_key: `aftercall-${DELIVERY_ID}`,
};
