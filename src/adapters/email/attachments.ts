import { type Json, isJsonObject } from '../../lib/json.js';
import { cutText } from '../cut-text.js';

/** Far more than any call has, and far less than mail servers refuse. */
const MAX_TEXT = 500_000;
/** No path, no quote, no second meaning for a mail program. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._()-]{0,90}$/u;

export interface TextFile {
  name: string;
  text: string;
}

/** The files of a mail, or a sentence about what is wrong with one. They are plain text, and so are their names. */
export function readAttachments(given: Json | undefined): TextFile[] | string {
  const files: TextFile[] = [];
  for (const each of Array.isArray(given) ? given : []) {
    const { name, text } = isJsonObject(each) ? each : {};
    if (typeof name !== 'string' || !NAME.test(name.trim()))
      return 'attachments hold a name that is none; expected up to 90 letters, digits, spaces and ._()-';
    if (typeof text === 'string' && text !== '')
      files.push({ name: asTextFile(name.trim()), text: cutText(text, MAX_TEXT) });
  }
  return files;
}

/** Whatever the name says, no mail program shall open it as anything else. */
function asTextFile(name: string): string {
  return /\.txt$/i.test(name) ? name.replace(/\.txt$/i, '.txt') : `${name}.txt`;
}
