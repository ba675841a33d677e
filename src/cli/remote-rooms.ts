import { type DeskMethods } from '../replay/desk.js';

/** How the admin API of a server is asked. `postMany` waits longer, for what changes many. */
export interface RemoteApi {
  get: <T>(path: string, query?: object) => Promise<T>;
  post: <T>(path: string, body?: object) => Promise<T>;
  postMany: <T>(path: string, ...body: object[]) => Promise<T>;
}

/** Follow-ups, contacts and rules of a running server. */
export function remoteRooms({
  get,
  post,
  postMany,
}: RemoteApi): Pick<DeskMethods, 'followUps' | 'contacts' | 'rules'> {
  const followUp = (id: string, word: string) => `/followups/${encodeURIComponent(id)}/${word}`;
  const contact = (named: string) => `/contacts/${encodeURIComponent(named)}`;
  return {
    followUps: {
      list: (query) => get('/followups', query),
      cancel: (id) => post(followUp(id, 'cancel')),
      snooze: (id, options) => post(followUp(id, 'snooze'), options),
      runNow: (id) => post(followUp(id, 'run-now')),
      cancelMany: (query, options = {}) => postMany('/followups/cancel', query, options),
      snoozeMany: (query, options) => postMany('/followups/snooze', query, options),
      runNowMany: (query, options = {}) => postMany('/followups/run-now', query, options),
    },
    contacts: {
      show: (named, query) => get(contact(named), query),
      timeline: (named, query) => get(`${contact(named)}/timeline`, query),
      stop: (named, query) => post(`${contact(named)}/stop`, query),
      allow: (named, query) => post(`${contact(named)}/allow`, query),
      stops: (query) => get('/stops', query),
    },
    rules: {
      planChange: (options = {}) => postMany('/rules/plan', options),
      applyChange: (options) => postMany('/rules/apply', options),
    },
  };
}
