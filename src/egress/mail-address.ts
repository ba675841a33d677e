/** A mailbox: `name` is `''` where none was given. */
export interface MailAddress {
  name: string;
  address: string;
}

/** RFC 5321 allows 64 + 1 + 255 octets; whatever is longer is no address somebody typed. */
const MAX_LENGTH = 320;
const LOCAL_PART = /^[^\s@<>()[\]\\,;:"\u0000-\u001f\u007f]{1,64}$/;
const DOMAIN =
  /^(?=.{1,255}$)[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?(\.[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?)*$/u;

/**
 * Reads one mailbox: `jane@example.com`, `Jane Doe <jane@example.com>` or `"Doe, Jane" <jane@example.com>`.
 * Returns a sentence instead where it is none. Groups, lists, comments, quoted local parts and address
 * literals are refused on purpose: parsers disagree about them, and mail went astray over that.
 */
export function parseMailAddress(text: string): MailAddress | string {
  const trimmed = text.trim();
  if (trimmed === '') return 'is empty; expected an address such as jane@example.com';
  if (trimmed.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (/[\u0000-\u001f\u007f]/.test(trimmed)) return 'holds a control character';
  const named = /^(?:"([^"\\<>]*)"|([^"\\<>,;:@()]*))\s*<([^<>]*)>$/.exec(trimmed);
  const address = (named?.[3] ?? trimmed).trim();
  if (!isAddress(address))
    return 'is not one address such as jane@example.com or Jane Doe <jane@example.com>';
  return { name: (named?.[1] ?? named?.[2] ?? '').trim(), address };
}

function isAddress(address: string): boolean {
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  return at > 0 && LOCAL_PART.test(local) && !/^\.|\.\.|\.$/.test(local) && DOMAIN.test(domain);
}
