import { type Json } from '../lib/json.js';
import { type Mismatch } from './expectations.js';
import { type Colours } from './io.js';
import { printable } from './print.js';
import { type TestResult } from './run-rule-test.js';

/** A failed test with what was expected and what came out, one below the other. */
export function describeFailure({ test, error, mismatches }: TestResult, colours: Colours): string {
  const head = `${colours.red('✗')} ${printable(`${test.file}:${test.line}  ${test.name}`)}\n`;
  const lines = mismatches.map((mismatch) => describeMismatch(mismatch, colours));
  return head + (error === null ? lines.join('') : `    ${printable(error)}\n`);
}

function describeMismatch({ path, expected, actual }: Mismatch, colours: Colours): string {
  const [wanted, got] = [words(expected), words(actual)];
  return `    ${path}\n      expected  ${colours.green(wanted)}\n      got       ${colours.red(got)}\n`;
}

function words(value: Json): string {
  const isNames = Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (isNames) return printable(value.join(', ')) || 'none';
  return printable(JSON.stringify(value));
}

export function describeSummary(passed: number, failed: number, colours: Colours): string {
  if (passed + failed === 0) return 'no tests; rule files may hold them under tests:';
  const text = `${passed} passed, ${failed} failed`;
  return failed === 0 ? colours.green(text) : colours.red(text);
}

/** The results in the form that CI servers read. */
export function junitXml(results: readonly TestResult[]): string {
  const failures = results.filter(({ error, mismatches }) => error !== null || mismatches.length > 0).length;
  const cases = results.map(caseXml).join('');
  const suite = `<testsuite name="aftercall" tests="${results.length}" failures="${failures}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suite}\n${cases}</testsuite>\n</testsuites>\n`;
}

function caseXml({ test, error, mismatches }: TestResult): string {
  const attributes = `classname="${xml(test.file)}" name="${xml(test.name)}" file="${xml(test.file)}" line="${test.line}"`;
  const details = mismatches.map(
    ({ path, expected, actual }) => `${path}: expected ${words(expected)}, got ${words(actual)}`,
  );
  const lines = error === null ? details : [error];
  if (lines.length === 0) return `<testcase ${attributes}/>\n`;
  const failure = `<failure message="${xml(lines[0] ?? '')}">${xml(lines.join('\n'))}</failure>`;
  return `<testcase ${attributes}>${failure}</testcase>\n`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 has no way at all to write most control characters. */
function xml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
