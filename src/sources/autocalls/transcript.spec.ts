import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Json } from '../../lib/json.js';
import { transcriptForms } from './transcript.js';

const turn = (sender: string | null, text: string) => ({ text, type: 'transcript', sender });

describe('transcriptForms', () => {
  it('keeps both forms as sent', () => {
    const turns = [{ text: 'Hello', sender: 'bot', timestamp: 1.5 }];
    expect(transcriptForms(turns, 'AI: Good day')).toEqual({
      transcript: turns,
      formatted_transcript: 'AI: Good day',
    });
  });

  it.each([undefined, null, '', ' \n', 7, []])('writes the text form where it is %j', (formatted) => {
    const turns = [turn('bot', 'Hello'), turn('human', 'Hi')];
    expect(transcriptForms(turns, formatted)).toEqual({
      transcript: turns,
      formatted_transcript: 'AI: Hello\nCustomer: Hi',
    });
  });

  it.each([undefined, null, '', [], {}, 7])('reads the list from the text where it is %j', (transcript) => {
    expect(transcriptForms(transcript, 'AI: Hello\nCustomer: Hi')).toEqual({
      transcript: [turn('bot', 'Hello'), turn('human', 'Hi')],
      formatted_transcript: 'AI: Hello\nCustomer: Hi',
    });
  });

  it('reads a transcript that is text into both forms', () => {
    expect(transcriptForms('AI: Hello!\r\nHow are you?\r\nCustomer: AI: what is that?', null)).toEqual({
      transcript: [turn('bot', 'Hello!\nHow are you?'), turn('human', 'AI: what is that?')],
      formatted_transcript: 'AI: Hello!\r\nHow are you?\r\nCustomer: AI: what is that?',
    });
  });

  it('gives words before the first speaker to nobody', () => {
    expect(transcriptForms('(ringing)\nAI: Hello', null).transcript).toEqual([
      turn(null, '(ringing)'),
      turn('bot', 'Hello'),
    ]);
  });

  it('has empty forms where there is nothing', () => {
    expect(transcriptForms(null, undefined)).toEqual({ transcript: [], formatted_transcript: '' });
  });

  it('writes unknown speakers by their name and leaves out turns without text', () => {
    const turns: Json[] = [
      { sender: 'agent', text: 'a' },
      { text: 'b' },
      { sender: 'toString', text: 'c' },
      { type: 'tool' },
      'd',
      null,
    ];
    expect(transcriptForms(turns, null).formatted_transcript).toBe('agent: a\nb\ntoString: c');
  });

  it('reads back what it wrote', () => {
    const said = fc.stringMatching(/^[a-z]+( [a-z]+){0,4}$/);
    const turns = fc.array(
      fc.record({ text: said, type: fc.constant('transcript'), sender: fc.constantFrom('bot', 'human') }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(turns, (sent) => {
        const { formatted_transcript } = transcriptForms(sent, null);
        expect(transcriptForms(null, formatted_transcript).transcript).toEqual(sent);
      }),
    );
  });
});
