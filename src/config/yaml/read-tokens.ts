import { type CST, Lexer, type LineCounter, Parser } from 'yaml';

/** Deeper than any rule that a person can read; the composer after us recurses. */
export const MAX_NESTING = 64;
/** A file of 1 MiB of ordinary rules has under 400,000 lexemes; one made of quotes alone has millions. */
const MAX_LEXEMES = 500_000;

export interface TokenReading {
  tokens: CST.Token[];
  /** Offsets of tabs that stand between values, the first of each run. */
  tabs: number[];
  /** Set when reading stopped early; the tokens are then of no use. */
  refused: { offset: number; message: string } | null;
}

/** Zero-length marks the lexer puts between lexemes: document, flow end, scalar. */
const MARKS = new Set(['\u0002', '\u0018', '\u001f']);

/**
 * Splits YAML into tokens, so that nesting and the number of tokens are bounded before anything recurses,
 * and tabs are found wherever they stand outside of texts.
 */
export function readTokens(source: string, lines: LineCounter): TokenReading {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const reading: TokenReading = { tokens: [], tabs: [], refused: null };
  let offset = 0;
  let count = 0;
  let last = '';
  for (const lexeme of new Lexer().lex(source)) {
    if (isTab(lexeme, last)) reading.tabs.push(offset + lexeme.indexOf('\t'));
    reading.tokens.push(...parser.next(lexeme));
    reading.refused = refusal(parser.stack.length, ++count, offset);
    if (reading.refused) return reading;
    if (!MARKS.has(lexeme)) offset += lexeme.length;
    last = lexeme;
  }
  reading.tokens.push(...parser.end());
  return reading;
}

function isTab(lexeme: string, last: string): boolean {
  return last !== '\u001f' && lexeme.includes('\t') && /^[ \t]+$/.test(lexeme);
}

function refusal(depth: number, lexemes: number, offset: number): TokenReading['refused'] {
  // The document itself and the scalar being read stand on the stack, too.
  if (depth > MAX_NESTING + 2) return { offset, message: `nested deeper than ${MAX_NESTING} levels` };
  if (lexemes > MAX_LEXEMES) return { offset, message: `more than ${MAX_LEXEMES} tokens; split the file` };
  return null;
}
