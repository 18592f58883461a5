import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyForms, invokeCommand } from '../../../src/inspect/live/page/invocations/copy-forms.js';
import { heldList } from '../../../src/inspect/live/page/invocations/held-list.js';
import { whyOf } from '../../../src/inspect/live/page/invocations/why-facts.js';
import { sampleInvocation } from '../../fixtures/inspect/sample-world.js';

const blocked = sampleInvocation(4, 0);
const ids = fc.uniqueArray(fc.nat({ max: 40 }).map(String));

describe('a list that is read', () => {
  it('keeps its rows in their places, whatever comes in or goes, and counts what is new', () => {
    fc.assert(
      fc.property(ids, ids, fc.nat({ max: 40 }), (before, come, gone) => {
        const fresh = come.filter((id) => !before.includes(id));
        const now = [...fresh, ...before.slice(0, gone)];
        const { ids: shown, newer } = heldList(before, now);
        if (before.slice(0, gone).length === 0) expect([shown, newer]).toEqual([now, 0]);
        else expect([shown, newer]).toEqual([before.slice(0, gone), fresh.length]);
      }),
    );
  });

  it('follows while nobody reads it', () => {
    expect(heldList(undefined, ['b', 'a'])).toEqual({ ids: ['b', 'a'], newer: 0 });
  });
});

describe('why it ended as it did', () => {
  const factsOf = (invocation: typeof blocked): Record<string, string[]> =>
    Object.fromEntries(
      whyOf(invocation).facts.map(({ term, lines }) => [
        term,
        lines.map(({ text, note }) => [text, note].join(' ').trim()),
      ]),
    );

  it('is told of a block with all that proves it', () => {
    expect(whyOf(blocked)).toMatchObject({ look: 'blocked', title: 'Secret in arguments', code: 'SECRET_FOUND' });
    expect(factsOf(blocked)).toEqual({
      found: ['AWS access key in args.sql, characters 57 to 76'],
      'decided by': ['SecretsDetection 1.4.0 concurrent', 'plugins.yaml:41 configuration r41'],
      'agent was told': ['“Blocked by policy: secret in arguments.”'],
      'also said': ['OpaPolicy passed', 'Moderation aborted'],
      proof: ['#9b1e4402 payload as it came', '#17c0a95d as SecretsDetection saw it, after PiiMasker'],
    });
  });

  it('names the place, and values as far as they may be shown', () => {
    const details = { token: { type: 'string', length: 20, fp: 'aa00aa00' } } as const;
    const violation = { code: 'A', reason: 'B', at: 'args.sql', details, counts: false };
    expect(factsOf({ ...blocked, violation })['found']).toEqual([
      'args.sql',
      'token: string, 20 characters, #aa00aa00',
      'Its mode does not let that count.',
    ]);
  });

  it('says of a time-out what was outstanding', () => {
    expect(whyOf(sampleInvocation(6, 0)).title).toBe('Moderation did not answer in time');
    expect(factsOf(sampleInvocation(6, 0))).toMatchObject({
      deadline: ['500 ms'],
      'outstanding then': ['connection ready.stable, 3 in flight'],
    });
  });

  it('says of one that runs what it waits for', () => {
    const { by: _by, decided: _decided, violation: _violation, told: _told, ...rest } = blocked;
    const steps = [
      { p: 'Slow', phase: 'sequential', mode: 'sequential', status: 'running', t: 1, deadlineMs: 500 },
    ] as const;
    const running = { ...rest, outcome: 'running', steps } as const;
    expect(whyOf(running).title).toBe('Not decided yet');
    expect(factsOf(running)['runs']).toEqual(['Slow given up after 500 ms']);
  });

  it.each([
    [0, 'Let through as it came'],
    [2, 'Let through as 1 plugin changed it'],
  ])('says of one that went through how (%d)', (n, title) => {
    expect(whyOf(sampleInvocation(n, 0)).title).toBe(title);
  });
});

describe('an invocation to hand on', () => {
  it('is a link, all that is known, a diagram, or a command', () => {
    const forms = copyForms(blocked, () => 'http://127.0.0.1/#/invocations/inv4');
    expect(forms.map(({ name, text }) => [name, text().slice(0, 24)])).toEqual([
      ['link', 'http://127.0.0.1/#/invoc'],
      ['JSON', '{\n  "id": "inv4",\n  "req'],
      ['Mermaid', 'sequenceDiagram\n  actor '],
      ['command', 'npx gatechart invoke --c'],
    ]);
  });

  it('is a command in which what comes from outside is one word', () => {
    expect(invokeCommand(blocked)).toBe(
      'npx gatechart invoke --config plugins.yaml --hook tool_pre_invoke --payload payload.json',
    );
    expect(invokeCommand({ ...blocked, steps: [], hook: "a'; rm -rf $HOME #" })).toBe(
      String.raw`npx gatechart invoke --config plugins.yaml --hook 'a'\''; rm -rf $HOME #' --payload payload.json`,
    );
    expect(invokeCommand({ ...blocked, hook: '--config' })).toContain("--hook '--config'");
  });
});
