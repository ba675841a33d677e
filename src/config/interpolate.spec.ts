import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { interpolate, refuseInterpolation } from './interpolate.js';

const ENV = { TOKEN: 'hush-hush', EMPTY: '', PORT: '8080' };

function run(text: string) {
  const files: Record<string, string> = { '/run/key': 'line 1\nline 2\n', '/run/crlf': 'abc\r\n' };
  const found = interpolate({ a: [text] }, ENV, (path) => {
    const content = files[path];
    return content === undefined ? { problem: 'is missing' } : { text: content };
  });
  return {
    ...found,
    text: (found.content as { a: string[] }).a[0],
    messages: found.problems.map(({ message }) => message),
  };
}

describe('interpolate', () => {
  it.each([
    ['${TOKEN}', 'hush-hush'],
    ['Bearer ${TOKEN}!', 'Bearer hush-hush!'],
    ['${TOKEN}${PORT}', 'hush-hush8080'],
    ['${EMPTY}', ''],
    ['${EMPTY:-other}', 'other'],
    ['${NONE:-other}', 'other'],
    ['${NONE:-}', ''],
    ['${TOKEN:-other}', 'hush-hush'],
    ['${NONE:-a:-b}', 'a:-b'],
    ['${file:/run/key}', 'line 1\nline 2'],
    ['${file:/run/crlf}', 'abc'],
    ['$${TOKEN}', '${TOKEN}'],
    ['$$${TOKEN}', '$${TOKEN}'],
    ['${{ budget }}', '${{ budget }}'],
    ['$5 and $TOKEN', '$5 and $TOKEN'],
  ])('makes of %s the text %s', (written, text) => {
    expect(run(written)).toMatchObject({ text, messages: [] });
  });

  it.each([
    ['${NONE}', 'the environment variable NONE is not set; set it, or give a default: ${NONE:-…}'],
    ['${file:/run/none}', 'the file /run/none is missing'],
    ['${file:}', '${file:} names no file; expected ${file:/path}'],
    ['${1A}', '${1A} names no variable; expected ${NAME}, ${NAME:-default} or ${file:/path}'],
    ['${}', '${} names no variable; expected ${NAME}, ${NAME:-default} or ${file:/path}'],
    ['${TOKEN', 'a ${ without its closing }; write $${ for a literal ${'],
  ])('says what is wrong with %s', (written, message) => {
    expect(run(written).messages).toEqual([message]);
  });

  it('remembers values from outside as secrets, but not defaults from the file itself', () => {
    const { secrets, files, interpolated } = run('${TOKEN} ${NONE:-plain} ${file:/run/crlf}');
    expect(secrets).toEqual(['hush-hush', 'abc']);
    expect(files).toEqual(['/run/crlf']);
    expect([...interpolated]).toEqual(['["a",0]']);
  });

  it('never reads a value as a placeholder', () => {
    const found = interpolate('${A}', { A: '${B} $& $1', B: 'no' }, () => ({ problem: 'is missing' }));
    expect(found.content).toBe('${B} $& $1');
  });

  it('gives back every text that was escaped', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = text.replaceAll('${', () => '$${');
        fc.pre(!escaped.includes('$$${'));
        expect(refuseInterpolation(escaped)).toEqual({ content: text, problems: [] });
      }),
    );
  });
});

describe('refuseInterpolation', () => {
  it('refuses variables in rule files and undoes the escape', () => {
    expect(refuseInterpolation({ text: 'costs $${{ x }} and ${{ y }}' })).toEqual({
      content: { text: 'costs ${{ x }} and ${{ y }}' },
      problems: [],
    });
    const [problem] = refuseInterpolation({ text: '${TOKEN}' }).problems;
    expect(problem?.path).toEqual(['text']);
    expect(problem?.message).toMatch(/^\$\{TOKEN\} is not replaced in rule files/);
  });
});
