import { type CalendarContent, parseCalendar } from '../../domain/calendar.js';
import { type Findings } from '../findings.js';
import { followWords } from '../path.js';
import { type MainSettings } from './main-settings.js';

/** The `calendars:` of `aftercall.yaml`; one without a zone takes the zone of the file. */
export function checkCalendars(
  { file, values }: MainSettings,
  findings: Findings,
): Record<string, CalendarContent> {
  const calendars: Record<string, CalendarContent> = {};
  for (const [name, content] of Object.entries(values.calendars)) {
    const { calendar, problems } = parseCalendar(content, values.timezone);
    for (const { path, message } of problems)
      findings.error(file, ['calendars', name, ...followWords(content, path)], message);
    calendars[name] = calendar;
  }
  return calendars;
}
