import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definePlugin, GatechartError, isGatechartError, PluginContexts } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';
import { untyped } from '../fixtures/manager/untyped-manager.js';

const hooks = ['tool_pre_invoke', 'tool_post_invoke', 'http_pre_request'];
const quiet = definePlugin({
  hooks: {
    tool_pre_invoke(payload, { globalContext, state }) {
      globalContext.state ??= {};
      globalContext.state['seen'] = payload.name;
      state['seen'] = payload.name;
    },
    tool_post_invoke() {},
    http_pre_request() {},
  },
});
const conditions = [{ tenant_ids: ['5'], user_patterns: ['u'] }, { server_ids: ['s'] }, {}];

async function manager() {
  const config = { plugins: [{ name: 'Quiet', kind: 'quiet', hooks, conditions }] };
  return untyped(await start({ kinds: { quiet }, config }));
}

/** Proxies of which one trap throws, or all do, or that are revoked. */
const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'set', 'defineProperty'] as const;
function hostile(target: object, which: readonly string[], thrown: unknown): object {
  const fail = (): never => {
    throw thrown;
  };
  return new Proxy(target, Object.fromEntries(which.map((trap) => [trap, fail])));
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** It says that it has everything, and that it is an error of ours. */
const liar = new Proxy({}, { has: () => true, getPrototypeOf: () => GatechartError.prototype, get: () => undefined });

/** Whatever it was: an outcome, or an error of ours with a code that is in the table. */
async function settles(call: Promise<unknown>): Promise<void> {
  const [settled] = await Promise.allSettled([call]);
  if (settled.status === 'fulfilled') return;
  expect(Object.getPrototypeOf(settled.reason)).not.toBe(Object.prototype);
  expect(isGatechartError(settled.reason) && typeof settled.reason.code).toBe('string');
  expect(String(settled.reason)).toContain(String(settled.reason.message));
}

const good = {
  payload: { name: 't', args: { a: [1, { b: 2 }] }, headers: { a: '1' } },
  context: { requestId: 'r', user: { email: 'u' }, tenantId: '5', state: { a: 1 } },
  options: { contexts: new PluginContexts(), signal: new AbortController().signal },
};

describe('whatever a host hands in, it gets an outcome or an error with a code', () => {
  it('where a getter throws anything', async () => {
    const thrown: unknown[] = [new Error('boom'), 'text', undefined, null, Symbol('s'), liar, revoked({}), () => 1];
    const all = await manager();
    for (const error of thrown) {
      const throwing = (names: readonly string[]): object => {
        const made = {};
        for (const name of names) {
          Object.defineProperty(made, name, {
            enumerable: true,
            get() {
              throw error;
            },
          });
        }
        return made;
      };
      const rejected = async (payload: unknown, context: unknown, options: unknown, code: string): Promise<void> => {
        const [settled] = await Promise.allSettled([all.invokeHook('tool_pre_invoke', payload, context, options)]);
        expect(settled).toMatchObject({ status: 'rejected', reason: { code } });
        await settles(all.invokeHook('tool_pre_invoke', payload, context, options));
      };
      await rejected(throwing(['name']), good.context, good.options, 'PAYLOAD_INVALID');
      await rejected({ name: 't', args: throwing(['a']) }, good.context, good.options, 'PAYLOAD_INVALID');
      await rejected({ name: 't', headers: throwing(['a']) }, good.context, good.options, 'PAYLOAD_INVALID');
      await rejected(good.payload, throwing(['requestId']), good.options, 'CONTEXT_INVALID');
      await rejected(good.payload, throwing(['tenantId']), good.options, 'CONTEXT_INVALID');
      await rejected(good.payload, good.context, throwing(['signal']), 'CONTEXT_INVALID');
      await rejected(good.payload, good.context, { signal: throwing(['aborted']) }, 'CONTEXT_INVALID');
      await settles(all.invokeHookForPlugin('Quiet', 'tool_pre_invoke', good.payload, throwing(['globalContext'])));
      const named = { globalContext: good.context, state: throwing(['a']) };
      await settles(all.invokeHookForPlugin('Quiet', 'tool_pre_invoke', good.payload, named));
    }
  });

  it('where it is a proxy of which some traps throw, or that lies', async () => {
    const all = await manager();
    const parts = fc.constantFrom(
      'payload',
      'args',
      'headers',
      'context',
      'user',
      'state',
      'options',
      'contexts',
      'signal',
      'named',
    );
    const wrap = fc.oneof(
      fc
        .subarray([...traps], { minLength: 1 })
        .map((which) => (target: object) => hostile(target, which, new Error('trap'))),
      fc.subarray([...traps], { minLength: 1 }).map((which) => (target: object) => hostile(target, which, liar)),
      fc.constant(revoked),
      fc.constant(() => liar),
    );
    await fc.assert(
      fc.asyncProperty(parts, wrap, async (part, make) => {
        const payload: Record<string, unknown> = { ...good.payload };
        const context: Record<string, unknown> = { ...good.context };
        const options: Record<string, unknown> = { ...good.options };
        const within = {
          args: payload,
          headers: payload,
          user: context,
          state: context,
          contexts: options,
          signal: options,
        };
        if (part in within) {
          const owner = within[part as keyof typeof within];
          owner[part] = make(owner[part] as object);
        }
        const pick = (name: string, value: object): object => (name === part ? make(value) : value);
        await settles(
          all.invokeHook(
            'tool_pre_invoke',
            pick('payload', payload),
            pick('context', context),
            pick('options', options),
          ),
        );
        const named = pick('named', { globalContext: pick('context', context), state: { a: 1 } });
        const { signal } = options;
        await settles(
          all.invokeHookForPlugin(
            'Quiet',
            'tool_pre_invoke',
            pick('payload', payload),
            named,
            pick('options', { signal }),
          ),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('where it is anything at all', async () => {
    const all = await manager();
    const anything = fc.anything({
      withBigInt: true,
      withMap: true,
      withSet: true,
      withDate: true,
      withSparseArray: true,
      withNullPrototype: true,
      withObjectString: true,
    });
    await fc.assert(
      fc.asyncProperty(anything, anything, anything, anything, async (hook, payload, context, options) => {
        for (const name of [hook, 'tool_pre_invoke']) {
          await settles(all.invokeHook(name, payload, context, options));
          await settles(all.invokeHookForPlugin('Quiet', name, payload, context, options));
        }
        await settles(all.invokeHookForPlugin(hook, 'tool_pre_invoke', good.payload, { globalContext: good.context }));
      }),
    );
  });

  it('and what is checked is what plugins see, whatever getters say next', async () => {
    const seen: unknown[] = [];
    const look = definePlugin({ hooks: { tool_pre_invoke: (payload) => void seen.push(payload) } });
    const plugins = [{ name: 'Look', kind: 'look', hooks: ['tool_pre_invoke'] }];
    const looking = untyped(await start({ kinds: { look }, config: { plugins } }));
    let reads = 0;
    const changing = {
      get a() {
        return reads++ === 0 ? '1' : 5;
      },
    };
    await looking.invokeHook('tool_pre_invoke', { name: 't', headers: changing }, { requestId: 'r' });
    expect(seen).toEqual([{ name: 't', headers: { a: '1' } }]);
    expect(reads).toBe(1);
  });
});
