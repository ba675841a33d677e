/** Opening hours by name, as `calendars:` of `aftercall.yaml` gives them. */
export interface CalendarContent {
  /** By weekday `mon` … `sun`; each span is minutes of the local day, end exclusive. */
  open: Partial<Record<Weekday, { fromMinute: number; toMinute: number }[]>>;
  timezone: string;
  /** Closed days as `YYYY-MM-DD`. */
  holidays: string[];
}

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];
