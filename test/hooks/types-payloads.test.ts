// What is said here about types is checked by the compiler (`npm run check`), and by the run as well.
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  defineHook,
  definePlugin,
  type GlobalContext,
  type HookOutcome,
  type HookTypes,
  type PluginManager,
  type ToolPreInvokePayload,
} from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';

const open = defineHook({ name: 'open', payload: z.looseObject({ id: z.string() }) });
const anything = defineHook({ name: 'anything', payload: z.unknown() });
const own = [open, anything] as const;
const quiet = definePlugin<object, HookTypes<typeof own>>({ hooks: { open() {}, anything() {} } });
const tool = definePlugin({ hooks: { tool_pre_invoke() {} } });
const context: GlobalContext = { requestId: '1' };

const manager = () =>
  start({
    hooks: own,
    kinds: { quiet, tool },
    config: {
      plugins: [
        { name: 'Q', kind: 'quiet', hooks: ['open', 'anything'] },
        { name: 'T', kind: 'tool', hooks: ['tool_pre_invoke'] },
      ],
    },
  });

/** As the SDK types the `params` of a `tools/call`. */
interface McpParams {
  name: string;
  arguments?: Record<string, unknown>;
}
interface Call {
  name: string;
  args: { path: string };
}

describe('payloads and contexts in variables', () => {
  it('are refused where they have fields that would be refused', async () => {
    const made = await manager();
    const params: McpParams = { name: 't', arguments: { a: 1 } };
    const inferred = { name: 't', args: {}, arguments: { a: 1 } };
    const either: Call | McpParams = params;
    const python = { requestId: '1', tenant_id: '5' };
    const calls = [
      // @ts-expect-error -- arguments are called args
      () => made.invokeHook('tool_pre_invoke', params, context),
      // @ts-expect-error -- also beside args
      () => made.invokeHook('tool_pre_invoke', inferred, context),
      // @ts-expect-error -- also if only one of two types has them
      () => made.invokeHook('tool_pre_invoke', either, context),
      // @ts-expect-error -- and in a literal
      () => made.invokeHook('tool_pre_invoke', { name: 't', arguments: {} }, context),
      // @ts-expect-error -- a name of the wire
      () => made.invokeHook('tool_pre_invoke', { name: 't' }, python),
      // @ts-expect-error -- and in a literal
      () => made.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1', tenant_id: '5' }),
      // @ts-expect-error -- for a plugin by name as well
      () => made.invokeHookForPlugin('T', 'tool_pre_invoke', params, { globalContext: context }),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: expect.stringMatching(/INVALID$/) });
  });

  it('are taken where all their fields are known, whatever their type is called', async () => {
    const made = await manager();
    const call: Call = { name: 't', args: { path: '/' } };
    const payload: ToolPreInvokePayload = call;
    const readonly = { name: 't', args: { a: 1 } } as const;
    const outcomes = [
      await made.invokeHook('tool_pre_invoke', call, context),
      await made.invokeHook('tool_pre_invoke', payload, context),
      await made.invokeHook('tool_pre_invoke', readonly, { requestId: '1', user: { email: 'a' } }),
      await made.invokeHook<'tool_pre_invoke'>('tool_pre_invoke', { name: 't', headers: undefined }, context),
    ];
    expectTypeOf(outcomes).toEqualTypeOf<HookOutcome<ToolPreInvokePayload>[]>();
    expect(outcomes.every(({ continueProcessing }) => continueProcessing)).toBe(true);
  });

  it('of a hook that takes any field are taken with any field', async () => {
    const made = await manager();
    const more = { id: '1', more: 2 };
    expect(await made.invokeHook('open', more, context)).toMatchObject({ continueProcessing: true });
    expect(await made.invokeHook('anything', more, context)).toMatchObject({ continueProcessing: true });
    expect(await made.invokeHook('anything', 5, context)).toMatchObject({ continueProcessing: true });
  });

  it('are not looked at where a host knows its hooks at run time only', async () => {
    interface Runner {
      invokeHook(hook: string, payload: unknown, context: GlobalContext): Promise<HookOutcome>;
    }
    const runner: Runner = await manager();
    expectTypeOf<PluginManager>().toExtend<Runner>();
    await expect(runner.invokeHook('tool_pre_invoke', { nam: 1 }, context)).rejects.toMatchObject({
      code: 'PAYLOAD_INVALID',
    });
  });
});
