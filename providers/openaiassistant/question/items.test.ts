import { describe, expect, test } from '@jest/globals';
import { danglingCalls, type Item, outputsLacking, unanswered, userMessage, withWholeRounds } from './items.ts';

const call = (callId: string, name = 'look'): Item => ({ type: 'tool_call', callId, name, arguments: '{}' });
const output = (callId: string, text = 'up') => ({ type: 'tool_output' as const, callId, output: text });

describe('calls and their outputs belong together by their place in the round', () => {
  test('a call that has the id of an answered one of an earlier round is open', () => {
    const items = [call('call_0', 'first'), output('call_0'), call('call_0', 'second')];
    expect(danglingCalls(items)).toMatchObject([{ name: 'second' }]);
  });

  test('of calls that share one id in a round, each needs an output of its own', () => {
    const items = [call('call_0', 'a'), call('call_0', 'b'), output('call_0')];
    expect(danglingCalls(items)).toMatchObject([{ name: 'b' }]);
    const both = unanswered([{ callId: 'call_0' }, { callId: 'call_0' }], 'interrupted');
    expect(outputsLacking(items, both)).toHaveLength(1);
    expect(outputsLacking(items.slice(0, 2), both)).toHaveLength(2);
  });

  test('an output without a call answers none', () => {
    expect(outputsLacking([output('x')], [output('x')])).toEqual([]);
    expect(danglingCalls([output('x'), call('x')])).toHaveLength(1);
  });

  test('a call that a question stands behind is not waited for any more', () => {
    expect(danglingCalls([call('x'), userMessage('And now?')])).toEqual([]);
  });

  test('what is sent has an output for each call, behind its round, and none besides', () => {
    const items = [call('call_0', 'a'), call('call_0', 'b'), output('call_0'), userMessage('Next'), output('call_0'), call('y')];
    const interrupted = output('call_0', '{"error":"interrupted"}');
    const whole = [...items.slice(0, 3), interrupted, userMessage('Next'), call('y')];
    expect(withWholeRounds(items)).toEqual(whole);
    expect(withWholeRounds([...items, output('y')])).toEqual([...whole, output('y')]);
    const rounds = [call('x', 'first'), call('y', 'second'), output('x'), call('x', 'third'), output('x')];
    expect(withWholeRounds(rounds).map((item) => ('callId' in item ? item.callId : ''))).toEqual(['x', 'y', 'x', 'y', 'x', 'x']);
  });
});
