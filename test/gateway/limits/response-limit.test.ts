import {
  CallToolResultSchema,
  GetPromptResultSchema,
  ReadResourceResultSchema,
} from '@modelcontextprotocol/sdk/types.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastResponseBytes, limitResponse } from '../../../src/gateway/limits/response-limit.js';
import type { LimitedMethod } from '../../../src/gateway/limits/result-items.js';
import { cutText, jsonBytes } from '../../../src/gateway/limits/text-cut.js';

const schemas = {
  'tools/call': CallToolResultSchema,
  'prompts/get': GetPromptResultSchema,
  'resources/read': ReadResourceResultSchema,
};

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3000 }),
  fc.constantFrom('"\\\n'.repeat(500), '😀'.repeat(700), '\u0001'.repeat(400), 'a'.repeat(5000), ''),
);
const data = fc.nat({ max: 4000 }).map((length) => Buffer.alloc(length).toString('base64'));
const contents = fc.oneof(
  text.map((text) => ({ uri: 'a://1', mimeType: 'text/plain', text })),
  data.map((blob) => ({ uri: 'a://2', blob })),
);
const block = fc.oneof(
  text.map((text) => ({ type: 'text', text, annotations: { priority: 1 } })),
  data.map((data) => ({ type: 'image', data, mimeType: 'image/png' })),
  data.map((data) => ({ type: 'audio', data, mimeType: 'audio/wav' })),
  contents.map((resource) => ({ type: 'resource', resource })),
  fc.constant({ type: 'resource_link', uri: 'a://3', name: 'x' }),
);
const more = { _meta: fc.record({ note: text }) };
const result: fc.Arbitrary<{ method: LimitedMethod; whole: Record<string, unknown> }> = fc.oneof(
  fc
    .record(
      {
        content: fc.array(block),
        structuredContent: fc.record({ value: text }),
        isError: fc.boolean(),
        ...more,
      },
      { requiredKeys: ['content'] },
    )
    .map((whole) => ({ method: 'tools/call' as const, whole })),
  fc
    .record(
      { messages: fc.array(block.map((content) => ({ role: 'assistant', content }))), description: text, ...more },
      { requiredKeys: ['messages'] },
    )
    .map((whole) => ({ method: 'prompts/get' as const, whole })),
  fc
    .record({ contents: fc.array(contents), ...more }, { requiredKeys: ['contents'] })
    .map((whole) => ({ method: 'resources/read' as const, whole })),
);

describe('a limited result', () => {
  it('is no larger than it may be, means what it should, says what is missing, and is not limited again', () => {
    fc.assert(
      fc.property(result, fc.integer({ min: 0, max: 12_000 }), ({ method, whole }, limit) => {
        const most = Math.max(limit, leastResponseBytes);
        const limited = limitResponse(method, whole, limit);
        expect(limited.bytes).toBe(jsonBytes(whole));
        expect(jsonBytes(limited.result)).toBeLessThanOrEqual(most);
        expect(limitResponse(method, limited.result, limit).result).toBe(limited.result);
        schemas[method].parse(JSON.parse(JSON.stringify(limited.result)));
        if (limited.bytes <= most) expect(limited.result).toBe(whole);
        else {
          expect(limited.leftOut).toBeGreaterThan(0);
          expect(JSON.stringify(limited.result)).toContain(`${limited.leftOut} of the ${limited.bytes} bytes`);
        }
      }),
    );
  });

  it('has nothing that the whole one does not have, in the same order', () => {
    fc.assert(
      fc.property(fc.array(block), fc.integer({ min: leastResponseBytes, max: 9_000 }), (content, limit) => {
        const { result, leftOut } = limitResponse('tools/call', { content }, limit);
        const kept = result['content'] as typeof content;
        const items = leftOut === 0 ? kept : kept.slice(0, -1);
        let at = 0;
        for (const item of items) {
          while (at < content.length && !isStartOf(item, content[at])) at++;
          expect(at).toBeLessThan(content.length);
          at++;
        }
      }),
    );
  });

  const long = 'x'.repeat(3000);
  const limited = (whole: Record<string, unknown>, method: LimitedMethod = 'tools/call') =>
    limitResponse(method, whole, 2000).result;

  it('has the beginning of a text, and a notice with how much is left out', () => {
    const { content } = limited({ content: [{ type: 'text', text: long }] }) as { content: { text: string }[] };
    expect(content[0]?.text).toMatch(/^x{1300,1400}$/);
    expect(content[1]?.text).toMatch(
      /^\[gatechart: (\d+) of the 3039 bytes of this result were left out, because it may have 2000\. Not here: the end of a text\.\]$/,
    );
  });

  it('has no part of an image, a sound or a blob, and still what comes behind it', () => {
    const { content } = limited({
      content: [
        { type: 'image', data: long, mimeType: 'image/png' },
        { type: 'image', data: long, mimeType: 'image/png' },
        { type: 'resource', resource: { uri: 'a://1', blob: long } },
        { type: 'unheard-of', long },
        { type: 'text', text: 'short' },
      ],
    }) as { content: { text: string }[] };
    expect(content[0]).toEqual({ type: 'text', text: 'short' });
    expect(content[1]?.text).toContain('Not here: 2 images, 1 binary resource, 1 other item.]');
  });

  it('is an error without its structured content, which clients would refuse', () => {
    const short = [{ type: 'text', text: 'short' }];
    expect(limited({ content: short, structuredContent: { long }, isError: false })).toMatchObject({
      content: [{ text: 'short' }, { text: expect.stringContaining('Not here: structuredContent.]') }],
      isError: true,
    });
    const [structuredContent, text] = [{ short: 1 }, { type: 'text', text: long }];
    expect(limited({ content: [text], structuredContent })).toMatchObject({ structuredContent });
    expect(limited({ content: [text], structuredContent })).not.toHaveProperty('isError');
  });

  it('is a notice alone, where nothing of it is known', () => {
    expect(limited({ content: { long }, odd: { long }, odder: long })).toEqual({
      content: [{ type: 'text', text: expect.stringContaining('Not here: 2 other fields, 1 other item.]') }],
    });
  });

  it('of a prompt or a resource says so in its own form', () => {
    const content = { type: 'text', text: long };
    expect(
      limited(
        {
          messages: [
            { role: 'assistant', content },
            { role: 'user', content },
          ],
        },
        'prompts/get',
      ),
    ).toEqual({
      messages: [
        { role: 'assistant', content: { type: 'text', text: expect.stringMatching(/^x+$/) } },
        { role: 'user', content: { type: 'text', text: expect.stringContaining('the end of a text, 1 text.]') } },
      ],
    });
    expect(limited({ contents: [{ uri: 'a://1', blob: long }] }, 'resources/read')).toEqual({
      contents: [
        { uri: 'gatechart:notice', mimeType: 'text/plain', text: expect.stringContaining('1 binary resource.]') },
      ],
    });
  });

  it('takes no time that grows faster than the result', () => {
    const content = Array.from({ length: 200_000 }, () => ({ type: 'text', text: 'x' }));
    const started = performance.now();
    expect(jsonBytes(limitResponse('tools/call', { content }, 5000).result)).toBeLessThanOrEqual(5000);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

it('a text is cut between two characters, as late as possible', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 60 }), (text, bytes) => {
      const start = cutText(text, bytes);
      expect(text.startsWith(start)).toBe(true);
      expect(jsonBytes(start) - 2).toBeLessThanOrEqual(bytes);
      const [next = ''] = text.slice(start.length);
      if (start !== text) expect(jsonBytes(start + next) - 2).toBeGreaterThan(bytes);
    }),
  );
});

/** Whether an item is another one, or that with less text. */
function isStartOf(item: unknown, whole: unknown): boolean {
  if (typeof item === 'string' && typeof whole === 'string') return whole.startsWith(item);
  if (typeof item !== 'object' || typeof whole !== 'object' || item === null || whole === null) return item === whole;
  const [some, all] = [Object.entries(item), new Map<string, unknown>(Object.entries(whole))];
  return some.length === all.size && some.every(([key, value]) => isStartOf(value, all.get(key)));
}
