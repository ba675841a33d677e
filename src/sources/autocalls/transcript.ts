import { isJsonObject, type Json, type JsonObject } from '../../lib/json.js';

const SPEAKERS: Record<string, string> = { bot: 'AI', human: 'Customer' };

/** `AI: Hello`, `Customer: Hi`: the prefix that starts a new turn in the text form. */
const TURN = /^(AI|Customer): ?(.*)$/;

/** Both forms of a transcript, each derived from the other where one is missing or blank. */
export function transcriptForms(
  transcript: Json | undefined,
  formatted: Json | undefined,
): { transcript: Json[]; formatted_transcript: string } {
  const text = [formatted, transcript].find(isText) ?? null;
  const turns = turnsOf(transcript, text);
  return { transcript: turns, formatted_transcript: text ?? formatTurns(turns) };
}

function turnsOf(transcript: Json | undefined, text: string | null): Json[] {
  if (Array.isArray(transcript) && transcript.length > 0) return transcript;
  if (isText(transcript)) return parseTurns(transcript);
  return text === null ? [] : parseTurns(text);
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function formatTurns(turns: readonly Json[]): string {
  return turns.flatMap(formatTurn).join('\n');
}

/** Turns without text (tool calls, marks) have no line. */
function formatTurn(turn: Json): string[] {
  if (!isJsonObject(turn) || typeof turn.text !== 'string') return [];
  const { sender, text } = turn;
  if (typeof sender !== 'string') return [text];
  return [`${Object.hasOwn(SPEAKERS, sender) ? SPEAKERS[sender] : sender}: ${text}`];
}

/** A line without a speaker goes on with what was being said; before the first speaker nobody said it. */
function parseTurns(text: string): Json[] {
  const turns: { sender: string | null; lines: string[] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, speaker, said = ''] = TURN.exec(line) ?? [];
    const current = turns.at(-1);
    if (speaker !== undefined) turns.push({ sender: speaker === 'AI' ? 'bot' : 'human', lines: [said] });
    else if (current !== undefined) current.lines.push(line);
    else turns.push({ sender: null, lines: [line] });
  }
  return turns.map(({ sender, lines }): JsonObject => ({
    text: lines.join('\n').trimEnd(),
    type: 'transcript',
    sender,
  }));
}
