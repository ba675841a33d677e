import { describe, expect, it } from '@jest/globals';
import { type CompiledAction } from '../config/live.js';
import { type Decision, type Verdict } from '../domain/decision.js';
import { type CancelWhen } from '../rules/rule.js';
import { compileCondition } from '../rules/condition.js';
import { takesBack } from './take-back.js';

const CONTEXT = { missing: 'undecided' as const, tables: {}, calendars: {}, timezone: 'UTC' };

function action(cancelWhen: CancelWhen): CompiledAction {
  const content = {
    ...{ id: 'a', to: 'desk', do: null, with: {}, onlyIf: null, ifMissing: null, cancelWhen },
    onRevision: 'refresh' as const,
  };
  const laterCall = cancelWhen.laterCall ? compileCondition(cancelWhen.laterCall, CONTEXT) : null;
  return { content, onlyIf: null, laterCall, until: null };
}

const call = (data: object, ...decisions: Decision[]) => ({ eventId: 'e2', data: { ...data }, decisions });
const decided = (rule: string, verdict: Verdict, shadow = false): Decision => ({
  rule,
  verdict,
  shadow,
  because: [],
});

describe('takesBack', () => {
  const booked = action({ laterCall: { match: { 'extracted_variables.next_action': 'booked' } } });

  it.each([
    [{ extracted_variables: { next_action: 'Booked ' } }, 'later_call: e2'],
    [{ extracted_variables: { next_action: 'offer' } }, null],
    [{ extracted_variables: {} }, null],
  ])('of the call %j is %s', (data, reason) => {
    expect(takesBack(booked, call(data))).toBe(reason);
  });

  it('goes by live rules that fired', () => {
    const signed = action({ ruleFired: 'signed' });
    expect(takesBack(signed, call({}, decided('signed', 'fired')))).toBe('rule_fired: signed on e2');
    expect(takesBack(signed, call({}, decided('signed', 'fired', true)))).toBeNull();
    expect(takesBack(signed, call({}, decided('signed', 'undecided')))).toBeNull();
    expect(takesBack(signed, call({}, decided('other', 'fired')))).toBeNull();
  });

  it('takes either of both', () => {
    const either = action({ ruleFired: 'signed', laterCall: { match: { status: 'completed' } } });
    expect(takesBack(either, call({ status: 'completed' }))).toBe('later_call: e2');
    expect(takesBack(either, call({ status: 'busy' }, decided('signed', 'fired')))).toBe(
      'rule_fired: signed on e2',
    );
  });

  it('is never the word of an action that names nothing', () => {
    expect(takesBack(action({}), call({ status: 'completed' }, decided('signed', 'fired')))).toBeNull();
  });
});
