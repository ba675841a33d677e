/** What people ask for a destination is kept in the store's settings, so that every process hears of it. */
export const DESTINATION_SETTINGS = 'destination.';

const KEY = /^destination\.(.+)\.(paused|probe)$/;

/** Setting under which a pause by a person is kept; its value is the time since when, ISO 8601. */
export function pausedKey(name: string): string {
  return `${DESTINATION_SETTINGS}${name}.paused`;
}

/** Setting under which a person's wish to look at a destination at once is kept; its value is when, ISO 8601. */
export function probeKey(name: string): string {
  return `${DESTINATION_SETTINGS}${name}.probe`;
}

/** Values by destination. */
export function settingsOf(
  settings: Readonly<Record<string, string>>,
  kind: 'paused' | 'probe',
): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(settings)) {
    const [, name, what] = KEY.exec(key) ?? [];
    if (name !== undefined && what === kind) found.set(name, value);
  }
  return found;
}
