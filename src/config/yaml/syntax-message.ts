import { type ErrorCode } from 'yaml';

const PLAIN_WORDS: Partial<Record<ErrorCode, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'a second "key: " on one line; start a new line, or put the text in quotes',
  BAD_DQ_ESCAPE: 'a backslash sequence that YAML does not know; double it (\\\\) or use single quotes',
  TAB_AS_INDENT: 'a tab; YAML is indented with spaces',
  MULTIPLE_ANCHORS: 'more than one anchor on one value',
};

/** What a person can do about a syntax error; the parser's own words where we have none better. */
export function syntaxMessage(code: ErrorCode, original: string, line: string): string {
  if (/(^|[\s:[,{-])\{\{/.test(line)) return 'a text that begins with {{ must be in quotes: "{{ … }}"';
  const reserved =
    /^Plain value cannot start with (?:reserved character|directive indicator character) (.)$/.exec(original);
  if (reserved) return `a text cannot begin with ${reserved[1]}; put it in quotes`;
  const quote = /^Missing closing (["'])quote$/.exec(original);
  if (quote) return `a ${quote[1]} that is opened and never closed`;
  return PLAIN_WORDS[code] ?? `not valid YAML: ${lowerFirst(original)}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replaceAll(/\s+/g, ' ');
}
