/** A fenced block of a Markdown page. */
export interface FencedBlock {
  /** First word behind the fence, e.g. `yaml`. */
  language: string;
  /** Everything behind the language, e.g. `config=aftercall`. */
  info: string;
  text: string;
  /** 1-based line of the opening fence. */
  line: number;
}

const FENCE = /^```(\S*)[ \t]*([^\n]*)\n([\s\S]*?)^```[ \t]*$/gm;

export function fencedBlocks(markdown: string): FencedBlock[] {
  return [...markdown.matchAll(FENCE)].map((match) => ({
    language: match[1] ?? '',
    info: (match[2] ?? '').trim(),
    text: match[3] ?? '',
    line: markdown.slice(0, match.index).split('\n').length,
  }));
}

/** Targets of `[…](…)` outside of code. */
export function linkTargets(markdown: string): string[] {
  const prose = withoutCode(markdown);
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

/** Anchors that headings get on GitHub: lower case, signs dropped, spaces as hyphens. */
export function anchors(markdown: string): Set<string> {
  const headings = [...markdown.replace(FENCE, '').matchAll(/^#{1,6} +(.+)$/gm)];
  return new Set(headings.map((match) => anchorOf(match[1] ?? '')));
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function withoutCode(markdown: string): string {
  return markdown.replace(FENCE, '').replace(/`[^`\n]*`/g, '');
}
