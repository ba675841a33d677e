// Writes src/domain/phone-prefix-zones.ts from Google's libphonenumber (Apache-2.0):
//   node .ci/write-phone-zones.mjs <resources/timezones/map_data.txt of that repository>
// Each line of it is a prefix and the zones that numbers with this prefix may be in: `1201|America/New_York`.
import { readFileSync, writeFileSync } from 'node:fs';

const WIDTH = 108;
const zonesOf = new Map();
for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
  const [, prefix, zones] = /^(\d+)\|(\S+)$/.exec(line) ?? [];
  if (prefix) zonesOf.set(prefix, zones.replaceAll('&', ' '));
}

/** A prefix that says the same as the longest one above it says nothing. */
function isNeedless(prefix) {
  for (let above = prefix.slice(0, -1); above; above = above.slice(0, -1))
    if (zonesOf.has(above)) return zonesOf.get(above) === zonesOf.get(prefix);
  return false;
}

const prefixesOf = new Map();
for (const [prefix, zones] of [...zonesOf].sort(([a], [b]) => (a < b ? -1 : 1)))
  if (!isNeedless(prefix)) prefixesOf.set(zones, [...(prefixesOf.get(zones) ?? []), prefix]);

/** Words in lines of a text, none longer than the width where it can be broken. */
function wrap(words) {
  const lines = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const entries = [...prefixesOf].flatMap(([zones, prefixes]) =>
  wrap([...`${zones} =`.split(' '), ...prefixes]),
);
const text = `/**
 * Zones by the first digits of a phone number, country code included: names, \`=\`, prefixes; the longest prefix that
 * a number begins with counts. From Google's libphonenumber (Apache-2.0), written by \`.ci/write-phone-zones.mjs\`.
 */
export const PHONE_PREFIX_ZONES = \`
${entries.join('\n')}
\`;
`;
writeFileSync('src/domain/phone-prefix-zones.ts', text);
process.stdout.write(`${prefixesOf.size} sets of zones, ${text.length} characters\n`);
