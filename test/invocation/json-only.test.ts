import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';
import { servedPlugin, transports } from '../fixtures/hosting/served-plugins.js';
import { untyped, type UntypedManager } from '../fixtures/manager/untyped-manager.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
const context = () => ({ requestId: 'r' });

class Money {
  readonly amount = 5;
}

const sparse: unknown[] = [1];
sparse[2] = 3;

/** What JSON would send something else for, and what is said of it. */
const notJson: [what: string, value: unknown, said: string][] = [
  ['a Map', new Map([['a', 1]]), 'a: found a Map, expected JSON data'],
  ['an empty Map', new Map(), 'a: found a Map, expected JSON data'],
  ['a Set in a list', [new Set([1])], 'a[0]: found a Set, expected JSON data'],
  ['NaN', Number.NaN, 'a: found NaN, expected a finite number'],
  ['infinity', { b: [Infinity] }, 'a.b[0]: found Infinity, expected a finite number'],
  ['a nested Date', { b: { c: new Date(0) } }, 'a.b.c: found a Date, expected JSON data'],
  ['a big integer', 5n, 'a: found the big integer 5 (a BigInt), expected a number; send it as a string'],
  [
    'a bigger one',
    10n ** 50n,
    'a: found the big integer of more than 40 digits (a BigInt), expected a number; send it as a string',
  ],
  ['undefined in a list', [1, undefined], 'a[1]: found nothing, expected JSON data'],
  ['a hole in a list', sparse, 'a[1]: found nothing, expected JSON data'],
  ['a function', { run: () => 1 }, 'a.run: found a function, expected JSON data'],
  ['a symbol', [Symbol('s')], 'a[0]: found a symbol, expected JSON data'],
  ['an instance of a class', new Money(), 'a: found an instance of Money, expected JSON data'],
  ['an object with toJSON', { toJSON: () => 'other' }, 'a.toJSON: found a function, expected JSON data'],
  ['an Error', new Error('boom'), 'a: found an Error, expected JSON data'],
  ['a regular expression', /x/, 'a: found a RegExp, expected JSON data'],
  ['a buffer', Buffer.from('x'), 'a: found a Buffer, expected JSON data'],
  ['bytes', new Uint8Array(2), 'a: found a Uint8Array, expected JSON data'],
  ['a URL', new URL('http://a.example'), 'a: found a URL, expected JSON data'],
  ['a String object', new String('x'), 'a: found a String, expected JSON data'],
  ['a promise', Promise.resolve(1), 'a: found a Promise, expected JSON data'],
];

const json = {
  text: 'ü 漢字 \u0000',
  numbers: [0, -1.5, 1e-300, 2 ** 53 - 1],
  deep: { list: [[], {}, null, true], gone: undefined },
};

/** Says what it got, as text, and counts its calls in the global state. */
const echo = `
import { definePlugin } from 'gatechart';
const tell = (payload, { globalContext }) => {
  globalContext.state.calls = (globalContext.state.calls ?? 0) + 1;
  return { metadata: { got: JSON.stringify(payload) } };
};
export const Served = definePlugin({ hooks: { tool_pre_invoke: tell, tool_post_invoke: tell } });
`;

describe.each(transports)('what is not JSON is refused before it is sent, over %s', (transport) => {
  it('as payload, and as context', async () => {
    const manager = untyped(await start({ config: { plugins: [await servedPlugin(transport, echo, hooks)] } }));
    for (const [, a, said] of notJson) {
      const state: Record<string, unknown> = {};
      const refused = async (call: Promise<unknown>, where: string): Promise<void> => {
        expect(await rejection(call)).toMatchObject({
          code: 'PAYLOAD_INVALID',
          failure: { pluginName: 'Served', message: `${where}.${said}` },
        });
        expect(state).not.toHaveProperty('calls');
      };
      const pre = (payload: unknown, more: object = {}) =>
        manager.invokeHook('tool_pre_invoke', payload, { requestId: 'r', state, ...more });
      await refused(pre({ name: 't', args: { a } }), 'payload.args');
      const post = manager.invokeHook('tool_post_invoke', { name: 't', result: { a } }, { requestId: 'r', state });
      await refused(post, 'payload.result');
      await refused(pre({ name: 't' }, { state: { a } }), 'context.global_context.state');
      await refused(pre({ name: 't' }, { metadata: { a } }), 'context.global_context.metadata');
      await refused(pre({ name: 't' }, { user: { a } }), 'context.global_context.user');
      const named = { globalContext: context(), state: { a } };
      await refused(manager.invokeHookForPlugin('Served', 'tool_pre_invoke', { name: 't' }, named), 'context.state');
    }
    const named = { globalContext: context() };
    const whole = manager.invokeHookForPlugin('Served', 'tool_post_invoke', { name: 't', result: new Map() }, named);
    expect(await rejection(whole)).toMatchObject({
      message: 'Plugin Served: payload.result: found a Map, expected JSON data',
    });
  });

  it('and what is JSON arrives as it is', async () => {
    const manager = untyped(await start({ config: { plugins: [await servedPlugin(transport, echo, hooks)] } }));
    const outcome = await manager.invokeHook('tool_post_invoke', { name: 't', result: json }, context());
    expect(JSON.parse(String(outcome.metadata['got']))).toEqual({
      name: 't',
      result: JSON.parse(JSON.stringify(json)),
    });
  });
});

/** Answers what the tool's name says, with something that is not JSON in it. */
const answering = `
import { definePlugin } from 'gatechart';
const odd = {
  map: new Map([['a', 1]]), set: new Set(), nan: NaN, infinity: -Infinity, date: new Date(0), big: 5n,
  holes: [1, , 3], run: () => 1, symbol: Symbol('s'), error: new Error('boom'), json: { toJSON: () => 1 }, bytes: Buffer.from('x'),
};
export const Served = definePlugin({
  hooks: {
    tool_pre_invoke({ name, args }, context) {
      const a = odd[name];
      switch (args.where) {
        case 'metadata': return { metadata: { a } };
        case 'payload': return { modifiedPayload: { name, args: { a } } };
        case 'state': context.state.a = a; return;
        case 'global': context.globalContext.state.a = a; return;
        case 'block': return { continueProcessing: false, violation: { reason: 'r', description: 'd', code: 'NO', details: { a } } };
        case 'block and state': context.state.a = a; return { continueProcessing: false, violation: { reason: 'r', description: 'd', code: 'NO' } };
        case 'block and metadata': return { continueProcessing: false, metadata: { a } };
      }
    },
  },
});
`;
const odd = ['map', 'set', 'nan', 'infinity', 'date', 'big', 'holes', 'run', 'symbol', 'error', 'json', 'bytes'];

describe.each(transports)('our server sends nothing else either, over %s', (transport) => {
  async function served(mode: string) {
    const entry = await servedPlugin(transport, answering, ['tool_pre_invoke']);
    const logger = recordingLogger();
    const manager = untyped(await start({ config: { plugins: [{ ...entry, mode }] }, logger }));
    const run = (name: string, where: string) =>
      manager.invokeHook('tool_pre_invoke', { name, args: { where } }, context());
    return { run, logger };
  }

  it('an answer that is not JSON is an error that says where', async () => {
    const { run } = await served('enforce');
    const places: [where: string, path: string][] = [
      ['metadata', 'result.metadata.a'],
      ['payload', 'result.modified_payload.args.a'],
      ['state', 'context.state.a'],
      ['global', 'context.global_context.state.a'],
    ];
    for (const name of odd) {
      for (const [where, path] of places) {
        const error = await rejection(run(name, where));
        expect(error).toMatchObject({ failure: { code: 'PAYLOAD_INVALID', pluginName: 'Served' } });
        expect(String(error)).toContain(
          `${path}${name === 'holes' ? '[1]' : name === 'json' ? '.toJSON' : ''}: found `,
        );
      }
    }
  });

  it.each(['enforce', 'enforce_ignore_error'])('but a block is a block, in mode %s', async (mode) => {
    const { run } = await served(mode);
    for (const name of odd) {
      for (const where of ['block', 'block and state']) {
        expect(await run(name, where)).toMatchObject({
          continueProcessing: false,
          violation: { reason: 'r', description: 'd', code: 'NO' },
        });
      }
      expect(await run(name, 'block and metadata')).toMatchObject({ continueProcessing: false });
    }
  });
});

it('plugins in this process get what the host has', async () => {
  const seen: unknown[] = [];
  const look = definePlugin({ hooks: { tool_post_invoke: ({ result }) => void seen.push(result) } });
  const plugins = [{ name: 'Look', kind: 'look', hooks: ['tool_post_invoke'] }];
  const manager: UntypedManager = untyped(await start({ kinds: { look }, config: { plugins } }));
  for (const [, a] of notJson) await manager.invokeHook('tool_post_invoke', { name: 't', result: { a } }, context());
  expect(seen.map((result) => (result as { a: unknown }).a)).toEqual(
    notJson.map(([, a]) => (Array.isArray(a) ? [...a] : a)),
  );
});
