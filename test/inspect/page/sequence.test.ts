import DOMPurify from 'dompurify';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { InvocationDetail, SequenceMessage } from '../../../src/inspect/live/feed/feed-invocations.js';
import { mermaidSequence } from '../../../src/inspect/live/page/invocations/mermaid-sequence.js';
import { sequenceActors, serverWord } from '../../../src/inspect/live/page/invocations/sequence-actors.js';
import { sequenceLayout } from '../../../src/inspect/live/page/invocations/sequence-layout.js';
import { sampleInvocation } from '../../fixtures/inspect/sample-world.js';

const measure = (text: string): number => text.length * 6;
const blocked = sampleInvocation(4, 0);
const passed = sampleInvocation(0, 0);

describe('the actors of a sequence', () => {
  it('are the agent, the gateway, the plugins elsewhere and the server, from left to right', () => {
    expect(sequenceActors(blocked)).toEqual([
      { name: 'cursor', kind: 'agent', notCalled: false },
      { name: 'gateway', kind: 'gateway', notCalled: false },
      { name: 'OpaPolicy', kind: 'plugin', notCalled: false },
      { name: 'SecretsDetection', kind: 'plugin', notCalled: false },
      { name: 'postgres', kind: 'server', notCalled: true },
    ]);
  });

  it('include plugins elsewhere that the chain did not come to', () => {
    const steps = [
      ...blocked.steps,
      { p: 'Late', phase: 'concurrent', status: 'notReached', mode: 'concurrent', wire: 'mcp' },
    ] as const;
    expect(sequenceActors({ ...blocked, steps }).find(({ name }) => name === 'Late')?.notCalled).toBe(true);
  });

  it('tell whether the server was called, or that nobody knows', () => {
    expect([serverWord(blocked), serverWord(passed), serverWord({ ...passed, sequence: [] })]).toEqual([
      'not called',
      'called',
      'unknown',
    ]);
  });
});

describe('the drawing of a sequence', () => {
  it('has a frame around what ran side by side', () => {
    const { frames, messages } = sequenceLayout(blocked, 700, measure);
    expect(frames.map(({ text }) => text)).toEqual(['concurrent, the first block ends it']);
    const [frame] = frames;
    const inside = messages.filter(({ y }) => y > (frame?.y ?? 0) && y < (frame?.y ?? 0) + (frame?.height ?? 0));
    expect(inside.map(({ message }) => message.group)).toEqual([1, 1, 1, 1]);
  });

  it('is as wide as it may be, or as wide as it must', () => {
    expect(sequenceLayout(blocked, 100, measure).width).toBeGreaterThan(400);
    expect(sequenceLayout(blocked, 800, measure).width).toBeCloseTo(800, -1);
  });

  it('is nothing for an invocation in which nobody sent anything', () => {
    expect(sequenceLayout({ ...passed, sequence: [] }, 700, measure)).toMatchObject({ actors: [], messages: [] });
  });
});

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    'end',
    'participant x',
    'a\nend\nNote over p0: b',
    '%%{init: {}}%%',
    ';;',
    '#35;',
    'as',
    '-->>',
    '"',
    '🙂',
    '<br/>',
  ),
);

const messages = fc.array(
  fc.record({
    from: hostile,
    to: hostile,
    text: hostile,
    t: fc.constant(0),
    kind: fc.constantFrom('call', 'answer', 'note', 'refusal', 'notCalled'),
    group: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('the sequence as Mermaid', () => {
  beforeAll(() => {
    // In a browser Mermaid cleans its labels; without one there is no cleaner, and the grammar does not ask for it.
    Object.assign(DOMPurify, { sanitize: (text: string) => text, addHook: () => {} });
  });

  it('is exactly so for a call that was blocked', () => {
    expect(mermaidSequence(blocked)).toBe(`sequenceDiagram
  actor p0 as cursor
  participant p1 as gateway
  participant p2 as OpaPolicy
  participant p3 as SecretsDetection
  participant p4 as postgres
  p0->>p1: tools/call postgres__query
  Note over p1: RateLimit, SqlGuard, PiiMasker, AuditTrail
  rect rgba(128, 128, 128, 0.1)
    p1->>p2: tool_pre_invoke
    p1->>p3: tool_pre_invoke
    p2-->>p1: go on
    p3--xp1: SECRET_FOUND
  end
  Note over p4: not called
  p1--xp0: Blocked by policy#58; secret in arguments.
`);
  });

  it('has a sign for a name that nobody sees', () => {
    const sequence = [{ from: ' \n', to: '', text: '\t', t: 0, kind: 'call' }] as const;
    expect(
      mermaidSequence({ ...passed, sequence })
        .split('\n')
        .slice(1, 4),
    ).toEqual(['  actor p0 as -', '  participant p1 as -', '  p0->>p1: -']);
  });

  it('holds whatever others call themselves, and nothing they say is read as a part of it', async () => {
    const { default: mermaid } = await import('mermaid');
    await fc.assert(
      fc.asyncProperty(messages, async (sequence) => {
        const invocation: InvocationDetail = { ...passed, steps: [], sequence: sequence.map(plainMessage) };
        const text = mermaidSequence(invocation);
        await expect(mermaid.parse(text)).resolves.toMatchObject({ diagramType: 'sequence' });
        const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
        const read = db as unknown as { getActors(): Map<string, unknown>; getMessages(): { type: number }[] };
        expect(read.getActors().size).toBe(sequenceActors(invocation).length);
        const groups = read.getMessages().length - sequence.length;
        expect(groups).toBe(2 * runsOfGroups(sequence));
      }),
      { numRuns: 60 },
    );
  });
});

function plainMessage({
  group,
  ...rest
}: { group: number | undefined } & Omit<SequenceMessage, 'group'>): SequenceMessage {
  return { ...rest, ...(group !== undefined && { group }) };
}

function runsOfGroups(sequence: readonly { group: number | undefined }[]): number {
  return sequence.filter(({ group }, at) => group !== undefined && group !== sequence[at - 1]?.group).length;
}
