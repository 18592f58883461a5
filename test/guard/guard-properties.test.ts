import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { definePlugin, guardClient } from '../../src/index.js';
import { block, contextOf } from '../fixtures/guard/guards.js';
import { start } from '../fixtures/manager/managers.js';

type Act = 'pass' | 'block' | { readonly write: string };
const act = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Act>('pass') },
  { weight: 1, arbitrary: fc.constant<Act>('block') },
  { weight: 3, arbitrary: fc.record({ write: fc.string() }) },
);
const acts = fc.array(fc.record({ before: act, after: act, waits: fc.boolean() }), { maxLength: 4 });

describe('a guarded call', () => {
  test.prop({ acts, text: fc.string(), smuggled: fc.string() }, { numRuns: 200 })(
    'reaches the tool as the last plugin before it left it, and the caller as the last one after it did; or neither',
    async ({ acts: chain, text, smuggled }) => {
      const manager = await start({
        config: {
          plugins: chain.map((_, index) => ({
            name: `P${index}`,
            kind: `p${index}`,
            hooks: ['tool_pre_invoke', 'tool_post_invoke'],
          })),
        },
        kinds: Object.fromEntries(
          chain.map(({ before, after, waits }, index) => [
            `p${index}`,
            definePlugin({
              hooks: {
                async tool_pre_invoke(payload) {
                  if (waits) await Promise.resolve();
                  return answer(before, (write) => ({ ...payload, args: { text: write } }));
                },
                tool_post_invoke: (payload) => answer(after, (write) => ({ ...payload, result: { text: write } })),
              },
            }),
          ]),
        ),
      });
      const received: unknown[] = [];
      // A stand-in, so that what arrives can be compared.
      const client = {
        callTool(params: { name: string; arguments: { text: string } }): unknown {
          received.push(params.arguments.text);
          return { text: params.arguments.text };
        },
      };
      const args = { text };
      const call = guardClient(client, manager, contextOf).callTool({ name: 'tool', arguments: args });
      args.text = smuggled;
      const got = await call;
      await manager.close();

      const asked = left(
        text,
        chain.map(({ before }) => before),
      );
      const answered =
        asked === undefined
          ? undefined
          : left(
              asked,
              chain.map(({ after }) => after),
            );
      expect(received).toEqual(asked === undefined ? [] : [asked]);
      expect(got).toEqual(answered === undefined ? expect.objectContaining({ isError: true }) : { text: answered });
    },
  );
});

function answer<Payload>(what: Act, written: (text: string) => Payload) {
  if (what === 'pass') return undefined;
  return what === 'block' ? block('NO') : { modifiedPayload: written(what.write) };
}

/** What is left of a text after some plugins; undefined where one of them blocks. */
function left(text: string, chain: readonly Act[]): string | undefined {
  let now = text;
  for (const what of chain) {
    if (what === 'block') return undefined;
    if (what !== 'pass') now = what.write;
  }
  return now;
}
