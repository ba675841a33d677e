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

/** A follow-up as the admin API lists it. */
export const FOLLOW_UP = {
  ...DEAD_DELIVERY,
  ...{ rule: 'nudge', action: 'remind', state: 'pending', attempt_count: 0, contact: '+436641234567' },
  ...{ due_at: '2026-11-25T12:00:00.000Z', scope: '', rule_set: 'f0f0' },
  reason: 'follow_up: 2 days after the call: 2026-11-25 13:00 in Europe/Vienna',
};
