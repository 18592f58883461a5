import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type AgentQuestion, fallbackDoubt, resolveAgent } from '../../../src/gateway/identity/agent.js';
import { agentOfIdentity } from '../../../src/gateway/identity/proven-agent.js';

const closed = { agents: ['a', 'default'], denyOnMissingAgent: true };
const open = { agents: ['a', 'default'], denyOnMissingAgent: false };
const bare = { agents: ['a'], denyOnMissingAgent: false };
const code = (question: AgentQuestion): string => {
  const answer = resolveAgent(question);
  return 'agent' in answer ? answer.agent : answer.error.code;
};

describe('who a call is made for', () => {
  it.each<[string, AgentQuestion, string]>([
    ['who it names', { claimed: 'a', rules: closed }, 'a'],
    ['who it names, known or not', { claimed: 'nobody', rules: open }, 'nobody'],
    ['a blank is a name', { claimed: ' ', rules: open }, ' '],
    ['nobody named, denied', { claimed: undefined, rules: closed }, 'INVALID_AGENT_ID'],
    ['an empty name, denied', { claimed: '', rules: closed }, 'INVALID_AGENT_ID'],
    ['null, denied', { claimed: null, rules: closed }, 'INVALID_AGENT_ID'],
    [
      'a fallback does not help where that is denied',
      { claimed: null, fallback: 'a', rules: closed },
      'INVALID_AGENT_ID',
    ],
    ['the fallback', { claimed: null, fallback: 'a', rules: open }, 'a'],
    ['the agent `default`', { claimed: '', rules: open }, 'default'],
    ['an empty fallback is none', { claimed: '', fallback: '', rules: open }, 'default'],
    ['no further fallback', { claimed: '', fallback: 'x', rules: open }, 'FALLBACK_AGENT_NOT_IN_RULES'],
    ['no fallback', { claimed: '', rules: bare }, 'NO_FALLBACK_CONFIGURED'],
    ['who is fixed', { claimed: undefined, fixed: 'a', rules: closed }, 'a'],
    ['who is fixed, before the fallback', { claimed: null, fixed: 'a', fallback: 'b', rules: open }, 'a'],
    ['who is fixed and named', { claimed: 'a', fixed: 'a', rules: closed }, 'a'],
    ['another than is fixed', { claimed: 'b', fixed: 'a', rules: open }, 'INVALID_AGENT_ID'],
    ['an empty name is fixed, too', { claimed: 'a', fixed: '', rules: open }, 'INVALID_AGENT_ID'],
    ['a number', { claimed: 7, rules: open }, 'INVALID_AGENT_ID'],
    ['zero', { claimed: 0, rules: open }, 'INVALID_AGENT_ID'],
    ['false', { claimed: false, fixed: 'a', rules: open }, 'INVALID_AGENT_ID'],
    ['a list', { claimed: ['a'], fallback: 'a', rules: open }, 'INVALID_AGENT_ID'],
  ])('%s', (_, question, expected) => {
    expect(code(question)).toBe(expected);
  });

  test.prop([fc.anything(), fc.string(), fc.option(fc.string(), { nil: undefined }), fc.boolean()])(
    'is never another than who is fixed',
    (claimed, fixed, fallback, denyOnMissingAgent) => {
      const answer = resolveAgent({ claimed, fixed, fallback, rules: { agents: ['a'], denyOnMissingAgent } });
      if ('agent' in answer) expect(answer.agent).toBe(fixed);
      else expect(answer.error.code).toBe('INVALID_AGENT_ID');
    },
  );

  it('is told in the words that clients know', () => {
    expect(resolveAgent({ claimed: '', rules: closed })).toMatchObject({
      error: { message: "Missing required parameter 'agent_id'. All tool calls must include agent identity." },
    });
  });

  it('is audited with both names, of which the other one is not told to the agent', () => {
    const answer = resolveAgent({ claimed: 'b', fixed: 'secret-a', rules: closed });
    expect(answer).toMatchObject({ error: { reason: 'agent_id is "b", and the connection speaks for "secret-a"' } });
    expect('error' in answer && answer.error.message).not.toContain('secret-a');
  });
});

describe('a fallback agent that does nothing is told of', () => {
  it.each<[string | undefined, AgentQuestion['rules'], string | undefined]>([
    [undefined, closed, undefined],
    ['', closed, undefined],
    ['a', open, undefined],
    [
      'a',
      closed,
      'the default agent "a" has no effect: calls that name no agent are denied unless the rules set defaults.deny_on_missing_agent to false',
    ],
    ['x', open, 'the default agent "x" is not in the rules: calls that name no agent are denied'],
  ])('%s', (fallback, rules, doubt) => {
    expect(fallbackDoubt(fallback, rules)).toBe(doubt);
  });
});

describe('who has proven who they are', () => {
  const identity = { user: 'ann', credentials: 'x', claims: { agent: 'claude', n: 1, empty: '' }, scopes: [] };

  it.each<[string, Parameters<typeof agentOfIdentity>, ReturnType<typeof agentOfIdentity>]>([
    ['nobody fixes nothing', [undefined], { fixed: undefined }],
    ['a token without a user fixes nothing', [{ ...identity, user: undefined }], { fixed: undefined }],
    ['a user is the agent of that name', [identity], { fixed: 'ann' }],
    ['a user is the agent that is set', [identity, { agents: { ann: 'writer' } }], { fixed: 'writer' }],
    ['a user who is not set stays themselves', [identity, { agents: { bob: 'writer' } }], { fixed: 'ann' }],
    ['what every object has is not set', [{ ...identity, user: 'toString' }, { agents: {} }], { fixed: 'toString' }],
    ['a claim names the agent', [identity, { claim: 'agent', agents: { ann: 'writer' } }], { fixed: 'claude' }],
    [
      'a claim that is not there',
      [identity, { claim: 'gone' }],
      { refusal: 'expected the name of an agent in the claim gone of the token, found nothing' },
    ],
    [
      'a claim that is no name',
      [identity, { claim: 'n' }],
      { refusal: 'expected the name of an agent in the claim n of the token, found a number' },
    ],
    [
      'a claim that is empty',
      [identity, { claim: 'empty' }],
      { refusal: expect.stringContaining('the claim empty') as string },
    ],
    [
      'an inherited claim',
      [identity, { claim: 'toString' }],
      { refusal: expect.stringContaining('found nothing') as string },
    ],
  ])('%s', (_, args, expected) => {
    expect(agentOfIdentity(...args)).toEqual(expected);
  });
});
