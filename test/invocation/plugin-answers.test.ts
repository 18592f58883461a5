/* oxlint-disable unicorn/no-thenable -- thenables are what is tested */
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it, test } from 'vitest';
import { createChainHarness, type ChainHarness } from '../../src/testing/index.js';
import { definePlugin, PluginError } from '../../src/index.js';
import type { PluginModeName } from '../../src/config/sections/plugin-modes.js';
import { outcomeOf } from '../fixtures/manager/outcomes.js';

type Answer = (payload: { args?: Record<string, unknown> }) => unknown;

/** A chain with one plugin that gives the answer, whatever its type. */
function answering(answer: Answer, mode: PluginModeName = 'enforce'): Promise<ChainHarness<[]>> {
  const plugin = definePlugin({ hooks: { tool_pre_invoke: answer as never } });
  return createChainHarness({ plugins: [{ name: 'Guard', plugin, hooks: ['tool_pre_invoke'], mode }] });
}

async function outcome(answer: Answer, mode?: PluginModeName) {
  await using harness = await answering(answer, mode);
  return await outcomeOf(
    harness.manager.invokeHook('tool_pre_invoke', { name: 't', args: { a: 1 } }, { requestId: '1' }),
  );
}

const stop = { continueProcessing: false };
const violation = { reason: 'r', description: 'd', code: 'C' };
const passes = { passes: true };
const blocks = { blocks: true };
const refused = (code: string) => ({ code });

class Result {
  readonly continueProcessing = false;
}
// oxlint-disable-next-line typescript/no-extraneous-class -- an instance without properties
class Empty {}
class Looks {
  get continueProcessing(): boolean {
    return false;
  }
}
const accessor = (value: unknown) =>
  Object.defineProperty({}, 'continueProcessing', { get: () => value, enumerable: true });
const foreign = (code: string): unknown => runInContext(`(${code})`, createContext({}));

describe('only plain objects are answers', () => {
  it.each<[string, () => unknown]>([
    ['an instance with an accessor', () => new Looks()],
    ['an instance with a property', () => new Result()],
    ['an empty instance', () => new Empty()],
    ['an error', () => new Error('no')],
    ['an error made to look plain', () => Object.setPrototypeOf(new Error('no'), Object.prototype)],
    ['a map', () => new Map([['continueProcessing', false]])],
    ['a set', () => new Set()],
    ['a date', () => new Date()],
    ['a regular expression', () => /no/],
    ['a list', () => []],
    ['a list with a stop', () => [stop]],
    ['bytes', () => Buffer.from('no')],
    ['an empty proxy', () => new Proxy({}, {})],
    ['a proxy of a stop', () => new Proxy(stop, { ownKeys: () => [] })],
    ['a function', () => () => stop],
    ['what inherits a stop', () => Object.create(stop)],
    [
      'what inherits a stop from an object without a prototype',
      () => Object.create(Object.assign(Object.create(null), stop)),
    ],
    ['what inherits nothing of note', () => Object.create({})],
    ['an accessor that says stop', () => accessor(false)],
    ['an accessor that says go on', () => accessor(true)],
    ['a symbol key', () => ({ [Symbol('continueProcessing')]: false })],
    ['an unknown key that is not enumerable', () => Object.defineProperty({}, 'stop', { value: true })],
    ['a text', () => 'deny'],
    ['false', () => false],
    ['true', () => true],
    ['zero', () => 0],
    ['a misspelt key', () => ({ continueProcesing: false })],
    ['the key of the wire', () => ({ continue_processing: false })],
    ['a stop that is a text', () => ({ continueProcessing: 'false' })],
    ['a stop that is a number', () => ({ continueProcessing: 0 })],
    ['a stop that is null', () => ({ continueProcessing: null })],
    ['a violation of another shape', () => ({ violation: { reason: 5 } })],
    ['another realm’s map', () => foreign('new Map()')],
    ['what another realm’s object inherits', () => foreign('Object.create({ continueProcessing: false })')],
    ['metadata that cannot be read', () => ({ violation: new Proxy({}, hostile) })],
  ])('%s is not', async (_, answer) => {
    expect(await outcome(answer)).toMatchObject(refused('PLUGIN_RESULT_INVALID'));
    expect(await outcome(() => Promise.resolve(answer()))).toMatchObject(refused('PLUGIN_RESULT_INVALID'));
  });

  it.each<[string, () => unknown, object]>([
    ['nothing', () => undefined, passes],
    ['null', () => null, passes],
    ['an empty object', () => ({}), passes],
    ['an empty object without a prototype', () => Object.create(null), passes],
    ['a stop without a prototype', () => Object.assign(Object.create(null), stop), blocks],
    ['a frozen stop', () => Object.freeze({ ...stop }), blocks],
    ['a stop that is not enumerable', () => Object.defineProperty({}, 'continueProcessing', { value: false }), blocks],
    ['an empty object of another realm', () => foreign('{}'), passes],
    ['a stop of another realm', () => foreign('{ continueProcessing: false }'), blocks],
    [
      'nulls for what may be left out',
      () => ({ modifiedPayload: null, violation: null, metadata: null, httpHeaders: null, retryDelayMs: null }),
      passes,
    ],
  ])('%s is', async (_, answer, expected) => {
    expect(await outcome(answer)).toMatchObject(expected);
  });

  it('null inside a violation is absent', async () => {
    const given = {
      ...stop,
      violation: { ...violation, details: null, mcpErrorCode: null, httpStatusCode: null, httpHeaders: null },
    };
    expect(await outcome(() => given)).toMatchObject({
      blocks: true,
      violation: { ...violation, pluginName: 'Guard' },
    });
  });

  it.each([
    [-1, 0],
    [Number.NaN, 0],
    [Infinity, 2_147_483_647],
    [-Infinity, 0],
    [1.5, 1.5],
  ])('a retry delay of %s is %s', async (retryDelayMs, expected) => {
    expect(await outcome(() => ({ retryDelayMs }))).toMatchObject({ passes: true, retryDelayMs: expected });
  });
});

const hostile: ProxyHandler<object> = {
  get() {
    throw new Error('no questions');
  },
  ownKeys() {
    throw new Error('no questions');
  },
  getPrototypeOf() {
    throw new Error('no questions');
  },
};

describe('what says stop is a stop, whatever else it says', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  it.each<[string, object]>([
    ['metadata that is null', { metadata: null }],
    ['metadata that is none', { metadata: 5 }],
    ['metadata that contains itself', { metadata: cyclic }],
    ['metadata that cannot be read', { metadata: new Proxy({}, hostile) }],
    ['a negative delay', { retryDelayMs: -1 }],
    ['a delay that is no number', { retryDelayMs: Number.NaN }],
    ['a delay that is a text', { retryDelayMs: 'soon' }],
    ['a misspelt key beside', { voilation: violation }],
    ['a symbol', { [Symbol('x')]: 1 }],
    ['a violation that is a text', { violation: 'no' }],
    ['a violation with a missing field', { violation: { reason: 'r' } }],
    [
      'a violation with wrong types',
      { violation: { reason: 1, description: {}, code: null, details: 5, mcpErrorCode: 1.5 } },
    ],
    ['a violation whose details contain themselves', { violation: { ...violation, details: cyclic } }],
    ['a violation that cannot be read', { violation: new Proxy({}, hostile) }],
    ['headers that are none', { httpHeaders: { a: 1 } }],
    ['a payload that is a text', { modifiedPayload: 'x' }],
    ['a payload of another shape', { modifiedPayload: { name: 5 } }],
    ['a payload that contains itself', { modifiedPayload: { name: 't', args: cyclic } }],
    ['a payload that is too large', { modifiedPayload: { name: 't', args: { a: 'x'.repeat(2_000_000) } } }],
    ['a payload that cannot be read', { modifiedPayload: new Proxy({}, hostile) }],
    ['an accessor', Object.defineProperty({}, 'metadata', { get: () => ({}), enumerable: true })],
  ])('%s', async (_, odd) => {
    const answer = () => Object.defineProperties({ ...stop }, Object.getOwnPropertyDescriptors(odd));
    for (const mode of ['enforce', 'enforce_ignore_error', 'sequential', 'concurrent'] as const) {
      expect(await outcome(answer, mode)).toMatchObject(blocks);
    }
  });

  it('what can be read of it is kept', async () => {
    const answer = () => ({
      ...stop,
      metadata: null,
      stopp: 1,
      violation: { reason: 'r', description: 5, code: 'C', details: { a: 1 } },
    });
    expect(await outcome(answer, 'enforce_ignore_error')).toMatchObject({
      violation: { reason: 'r', description: '', code: 'C', details: { a: 1 }, pluginName: 'Guard' },
    });
  });

  it('and notes that contain themselves', async () => {
    const plugin = definePlugin({
      hooks: {
        tool_pre_invoke: (_payload, { state }) => {
          state['cyclic'] = cyclic;
          return stop;
        },
      },
    });
    await using harness = await createChainHarness({
      plugins: [{ name: 'Guard', plugin, hooks: ['tool_pre_invoke'], mode: 'enforce_ignore_error' }],
    });
    expect(await harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' })).toMatchObject(stop);
  });

  it.each<[string, () => unknown]>([
    ['a stop that is a text', () => ({ continueProcessing: 'false' })],
    ['a stop that is null', () => ({ continueProcessing: null })],
    ['the key of the wire', () => ({ continue_processing: false })],
    ['a misspelt key', () => ({ continueProcesing: false })],
    ['false', () => false],
    ['an instance', () => new Result()],
    ['an accessor', () => accessor(false)],
    ['a proxy', () => new Proxy(stop, {})],
    ['a proxy that answers nothing', () => new Proxy({}, hostile)],
  ])('%s cannot be read, and passes in no mode that may block', async (_, answer) => {
    for (const mode of ['enforce', 'enforce_ignore_error'] as const) {
      expect(await outcome(answer, mode)).toMatchObject(refused('PLUGIN_RESULT_INVALID'));
    }
    expect(await outcome(answer, 'permissive')).toMatchObject(passes);
  });

  it('an answer that says go on is refused for what is odd about it', async () => {
    for (const odd of [{ metadata: 5 }, { extra: 1 }, { retryDelayMs: 'x' }, { violation: 'no' }]) {
      expect(await outcome(() => ({ continueProcessing: true, ...odd }))).toMatchObject(
        refused('PLUGIN_RESULT_INVALID'),
      );
      expect(await outcome(() => odd)).toMatchObject(refused('PLUGIN_RESULT_INVALID'));
    }
  });

  it('a denial of a permission is one, whatever its reason is', async () => {
    for (const odd of [{ reason: null }, { reason: 5 }, {}]) {
      const plugin = definePlugin({
        hooks: { http_auth_check_permission: () => ({ modifiedPayload: { granted: false, ...odd } }) as never },
      });
      await using harness = await createChainHarness({
        plugins: [{ name: 'Guard', plugin, hooks: ['http_auth_check_permission'], mode: 'enforce_ignore_error' }],
      });
      const asked = { userEmail: 'ada@example.com', permission: 'tools.read', isAdmin: false };
      const decided = await harness.manager.invokeHook('http_auth_check_permission', asked, { requestId: '1' });
      expect(decided.modifiedPayload).toEqual({ granted: false });
    }
  });

  it('a decision that cannot be read passes in no mode that may block', async () => {
    for (const said of ['no', 0, null]) {
      const plugin = definePlugin({
        hooks: { http_auth_check_permission: () => ({ modifiedPayload: { granted: said } }) as never },
      });
      for (const mode of ['enforce', 'enforce_ignore_error', 'concurrent'] as const) {
        await using harness = await createChainHarness({
          plugins: [{ name: 'Guard', plugin, hooks: ['http_auth_check_permission'], mode }],
        });
        const asked = { userEmail: 'ada@example.com', permission: 'tools.read', isAdmin: false };
        const decided = harness.manager.invokeHook('http_auth_check_permission', asked, { requestId: '1' });
        await expect(decided).rejects.toMatchObject({ code: 'PLUGIN_RESULT_INVALID' });
      }
    }
  });
});

describe('thenables are adopted to the end', () => {
  const thenable = (then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void) => ({ then });
  it.each<[string, () => unknown, object]>([
    ['one that gives a promise of a stop', () => thenable((resolve) => resolve(Promise.resolve(stop))), blocks],
    [
      'one in one in a promise',
      () => thenable((resolve) => resolve(thenable((next) => next(Promise.resolve(stop))))),
      blocks,
    ],
    ['a promise of one', () => Promise.resolve(thenable((resolve) => resolve(stop))), blocks],
    ['one that calls back twice', () => thenable((resolve) => [stop, {}].forEach(resolve)), blocks],
    [
      'one that throws afterwards',
      () =>
        thenable((resolve) => {
          resolve(stop);
          throw new Error('late');
        }),
      blocks,
    ],
    [
      'one that fails afterwards',
      () =>
        thenable((resolve, reject) => {
          resolve(stop);
          reject(new Error('late'));
        }),
      blocks,
    ],
    [
      'one that throws',
      () =>
        thenable(() => {
          throw new Error('no');
        }),
      refused('PLUGIN_FAILED'),
    ],
    ['one that fails', () => thenable((_, reject) => reject(new Error('no'))), refused('PLUGIN_FAILED')],
    [
      'a function',
      () =>
        Object.assign(
          () => undefined,
          thenable((resolve) => resolve(stop)),
        ),
      blocks,
    ],
    [
      'one whose `then` cannot be read',
      () =>
        Object.defineProperty({}, 'then', {
          get() {
            throw new Error('no');
          },
        }),
      refused('PLUGIN_FAILED'),
    ],
    [
      'a promise with a `then` of its own',
      () => Object.assign(Promise.resolve(stop), { then: (resolve: (value: unknown) => void) => resolve({}) }),
      blocks,
    ],
    ['one of another realm', () => foreign('Promise.resolve({ continueProcessing: false })'), blocks],
    ['`then` that is no function', () => ({ then: 1 }), refused('PLUGIN_RESULT_INVALID')],
    ['one that never calls back', () => thenable(() => undefined), refused('PLUGIN_TIMEOUT')],
  ])('%s', async (_, answer, expected) => {
    await using harness = await answering(answer);
    const invoked = harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' });
    expect(await outcomeOf(harness.after(60_000, invoked))).toMatchObject(expected);
  });
});

test('a violation beside an answer that does not stop counts for nothing, and is logged', async () => {
  await using harness = await answering(() => ({ violation }));
  const { manager, logger } = harness;
  expect(await manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' })).toMatchObject({
    continueProcessing: true,
    violation: undefined,
  });
  expect(logger.lines('warn')).toContain(
    'plugin Guard answered a violation and did not stop: without `continueProcessing: false` it counts for nothing',
  );
});

describe('what a plugin throws, however hostile, reaches the caller as an error with a code', () => {
  const thrower = (name: string) => () =>
    Object.defineProperty({}, name, {
      get() {
        throw new Error('no');
      },
    });
  const all = new Proxy(
    {},
    {
      get: (_target, trap) => () => {
        throw new Error(String(trap));
      },
    },
  );
  const brand = Symbol.for('gatechart.error');
  it.each<[string, () => unknown]>([
    ['a proxy that throws at everything', () => new Proxy({}, all)],
    ['a proxy of an error', () => new Proxy(new Error('x'), all)],
    ['a proxy of a function', () => new Proxy(() => undefined, all)],
    [
      'a proxy that has the brand',
      () =>
        new Proxy(
          { [brand]: true },
          {
            get() {
              throw new Error('no');
            },
          },
        ),
    ],
    ['a getter of message', thrower('message')],
    ['a getter of code', thrower('code')],
    ['a getter of then', thrower('then')],
    [
      'a getter of stack',
      () =>
        Object.defineProperty(new Error('x'), 'stack', {
          get() {
            throw new Error('no');
          },
        }),
    ],
    [
      'a getter of cause',
      () =>
        Object.defineProperty(new Error('x'), 'cause', {
          get() {
            throw new Error('no');
          },
        }),
    ],
    ['a hostile cause', () => new Error('x', { cause: new Proxy({}, all) })],
    [
      'a cause that is its own',
      () => {
        const error = new Error('x');
        error.cause = error;
        return error;
      },
    ],
    ['the brand and no code', () => ({ [brand]: true })],
    ['the brand and a code that is an object', () => ({ [brand]: true, code: {} })],
    ['the brand and a code nobody knows', () => ({ [brand]: true, code: 'toString' })],
    ['an empty PluginError', () => Object.create(PluginError.prototype)],
    [
      'a PluginError without its failure',
      () => Object.assign(new PluginError({ message: 'm', pluginName: 'p' }), { failure: null }),
    ],
    [
      'a violation that cannot be read',
      () => ({
        [brand]: true,
        code: 'PLUGIN_VIOLATION',
        get violation() {
          throw new Error('no');
        },
      }),
    ],
    ['nothing', () => undefined],
  ])('%s', async (_, make) => {
    for (const answer of [
      () => {
        throw make();
      },
      () => Promise.reject(make()),
    ]) {
      const result = await outcome(answer);
      expect(result).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/), plugin: 'Guard' });
      if (_ !== 'a violation that cannot be read') expect(await outcome(answer, 'permissive')).toMatchObject(passes);
    }
  });
});

test.each([
  ['its own', { own: true }],
  ['an inherited', { own: false }],
])('an answer with %s getter that throws may have said stop', async (_, { own }) => {
  const get = (): never => {
    throw new Error('not for you');
  };
  const holder = Object.defineProperty({}, 'continueProcessing', { get, enumerable: true });
  const answer = (): unknown => (own ? holder : Object.create(holder));
  expect(await outcome(answer, 'enforce_ignore_error')).toMatchObject({ code: 'PLUGIN_RESULT_INVALID' });
});
