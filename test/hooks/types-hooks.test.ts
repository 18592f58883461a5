// What is said here about types is checked by the compiler (`npm run check`), not by the run.
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  builtInHooks,
  type HookDefinition,
  createManager,
  defineHook,
  definePlugin,
  type GlobalContext,
  type HookOutcome,
  type HookTypes,
  type HttpAuthCheckPermissionResult,
  Plugin,
  type PluginManager,
  silentLogger,
  type ToolPreInvokePayload,
} from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';

const deploy = defineHook({
  name: 'deploy_pre_run',
  payload: z.object({ service: z.string(), replicas: z.number() }),
  result: z.object({ approvedBy: z.string() }),
});
const notify = defineHook({ name: 'notify', payload: z.object({ text: z.string() }) });
const own = [deploy, notify] as const;
const context: GlobalContext = { requestId: '1' };

describe('invokeHook', () => {
  it('infers payload and result of the built-in hooks', async () => {
    const manager = await start({ config: {} });
    expectTypeOf(manager).toExtend<PluginManager>();
    const outcome = await manager.invokeHook('tool_pre_invoke', { name: 't', args: { a: 1 } }, context);
    expectTypeOf(outcome).toEqualTypeOf<HookOutcome<ToolPreInvokePayload>>();
    expectTypeOf(outcome.modifiedPayload).toEqualTypeOf<ToolPreInvokePayload | undefined>();

    const headers = await manager.invokeHook('http_pre_request', { path: '/', method: 'GET', headers: {} }, context);
    expectTypeOf(headers.modifiedPayload).toEqualTypeOf<Record<string, string> | undefined>();
    const permission = await manager.invokeHook(
      'http_auth_check_permission',
      { userEmail: 'a@b', permission: 'x', isAdmin: false },
      context,
    );
    expectTypeOf(permission.modifiedPayload).toEqualTypeOf<HttpAuthCheckPermissionResult | undefined>();
    expect([outcome, headers, permission].map(({ continueProcessing }) => continueProcessing)).toEqual([
      true,
      true,
      true,
    ]);
    expect(builtInHooks).toHaveLength(24);
  });

  it('makes the schemas of each once, and has none for results that are payloads', () => {
    const hooks: readonly HookDefinition[] = builtInHooks;
    for (const hook of hooks) {
      expect(hook.payload).toBe(hook.payload);
      expect(hook.result).toBe(hook.result);
      expect('result' in hook).toBe(hook.result !== undefined);
    }
    const own = hooks.filter(({ result }) => result !== undefined).map(({ name }) => name);
    expect(own).toEqual([
      'http_pre_request',
      'http_post_request',
      'http_auth_resolve_user',
      'http_auth_check_permission',
      'identity_resolve',
      'token_delegate',
    ]);
  });

  it('refuses wrong payloads and unknown hooks', async () => {
    const manager = await start({ config: {} });
    const calls = (): Promise<unknown>[] => [
      // @ts-expect-error -- a tool has a name
      manager.invokeHook('tool_pre_invoke', { nam: 't' }, context),
      // @ts-expect-error -- arguments are an object
      manager.invokeHook('tool_pre_invoke', { name: 't', args: 'x' }, context),
      // @ts-expect-error -- the payload of another hook
      manager.invokeHook('prompt_pre_fetch', { name: 't' }, context),
      // @ts-expect-error -- no such hook
      manager.invokeHook('tool_pre_invok', { name: 't' }, context),
      // @ts-expect-error -- a context has a requestId
      manager.invokeHook('tool_pre_invoke', { name: 't' }, {}),
      // @ts-expect-error -- a hook of a host that this manager does not have
      manager.invokeHook('deploy_pre_run', { service: 's', replicas: 1 }, context),
    ];
    expect((await Promise.allSettled(calls())).map(({ status }) => status)).toHaveLength(6);
  });

  it('infers those of hooks of the host as well, end to end', async () => {
    const approve = definePlugin<{ by: string }, HookTypes<typeof own>>({
      config: z.object({ by: z.string() }),
      hooks: {
        deploy_pre_run(payload, { plugin }) {
          expectTypeOf(payload).toEqualTypeOf<{ service: string; replicas: number }>();
          expectTypeOf(plugin.config).toEqualTypeOf<{ by: string }>();
          if (payload.replicas > 10) return { continueProcessing: false };
          return { modifiedPayload: { approvedBy: plugin.config.by } };
        },
        notify: (payload) => ({ modifiedPayload: { text: payload.text.toUpperCase() } }),
      },
    });
    const manager = await start({
      hooks: own,
      kinds: { approve },
      config: {
        plugins: [{ name: 'A', kind: 'approve', hooks: ['deploy_pre_run', 'notify'], config: { by: 'ops' } }],
      },
    });
    expectTypeOf(manager).toExtend<PluginManager>();
    const deployed = await manager.invokeHook('deploy_pre_run', { service: 's', replicas: 2 }, context);
    expectTypeOf(deployed.modifiedPayload).toEqualTypeOf<{ approvedBy: string } | undefined>();
    expect(deployed.modifiedPayload).toEqual({ approvedBy: 'ops' });
    const notified = await manager.invokeHook('notify', { text: 'hi' }, context);
    expectTypeOf(notified.modifiedPayload).toEqualTypeOf<{ text: string } | undefined>();
    expect(notified.modifiedPayload).toEqual({ text: 'HI' });
    const named = await manager.invokeHookForPlugin('A', 'notify', { text: 'yo' }, { globalContext: context });
    expectTypeOf(named.modifiedPayload).toEqualTypeOf<{ text: string } | undefined>();
    // @ts-expect-error -- replicas is a number
    await expect(manager.invokeHook('deploy_pre_run', { service: 's', replicas: '2' }, context)).rejects.toMatchObject({
      code: 'PAYLOAD_INVALID',
    });
    expect(await manager.invokeHook('deploy_pre_run', { service: 's', replicas: 20 }, context)).toMatchObject({
      continueProcessing: false,
    });
  });
});

describe('plugins', () => {
  it('cannot give back what a hook does not take', () => {
    const wrong = definePlugin({
      hooks: {
        // @ts-expect-error -- the modified payload of this hook has a name
        tool_pre_invoke: () => ({ modifiedPayload: { args: {} } }),
      },
    });
    const misspelt = definePlugin({
      hooks: {
        // @ts-expect-error -- no such hook
        tool_pre_invok: () => ({}),
      },
    });
    expect([wrong, misspelt]).toHaveLength(2);
  });

  it('may be classes with a configuration of their own type', async () => {
    class Limit extends Plugin<{ limit: number }> {
      static override config = z.object({ limit: z.number() });
      toolPreInvoke(payload: ToolPreInvokePayload) {
        expectTypeOf(this.setup.config).toEqualTypeOf<{ limit: number }>();
        return { continueProcessing: payload.name.length <= this.setup.config.limit };
      }
    }
    const manager = await createManager({
      kinds: { limit: Limit },
      config: { plugins: [{ name: 'L', kind: 'limit', hooks: ['tool_pre_invoke'], config: { limit: 3 } }] },
      logger: silentLogger,
      env: {},
    });
    const run = (name: string) => manager.invokeHook('tool_pre_invoke', { name }, context);
    expect([(await run('abc')).continueProcessing, (await run('abcd')).continueProcessing]).toEqual([true, false]);
    await manager.close();
  });
});
