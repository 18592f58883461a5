import { describe, expect, it } from 'vitest';
import { definePlugin, type GlobalContext, type HookOutcome } from '../../src/index.js';
import { callTool, start } from '../fixtures/manager/managers.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection } from '../fixtures/waiting.js';

const limit = 100;
const settings = { max_payload_size: limit };
const x = (count: number): string => 'x'.repeat(count);
/** Nested so deep that keys make up all of it. */
const keys = { [x(50)]: { [x(50)]: { [x(5)]: null } } };

const quiet = definePlugin({
  hooks: {
    tool_pre_invoke() {},
    tool_post_invoke() {},
    prompt_post_fetch() {},
    resource_pre_fetch() {},
    resource_post_fetch() {},
    agent_pre_invoke() {},
    http_pre_request() {},
  },
});
const hooks = [
  'tool_pre_invoke',
  'tool_post_invoke',
  'prompt_post_fetch',
  'resource_pre_fetch',
  'resource_post_fetch',
  'agent_pre_invoke',
  'http_pre_request',
];

/** A manager, where hook and payload are only known at run time. */
interface HookRunner {
  invokeHook(hook: string, payload: unknown, context: GlobalContext): Promise<HookOutcome>;
}

async function run(hook: string, payload: unknown): Promise<HookOutcome> {
  const config = { plugins: [{ name: 'Quiet', kind: 'quiet', hooks }], plugin_settings: settings };
  const runner: HookRunner = await start({ kinds: { quiet }, config });
  return runner.invokeHook(hook, payload, { requestId: 'r' });
}

describe('all of a payload counts', () => {
  it.each<[what: string, hook: string, payload: unknown, size: number]>([
    ['arguments', 'tool_pre_invoke', { name: '', args: { '': x(101) } }, 101],
    ['the name beside them', 'tool_pre_invoke', { name: x(101), args: {} }, 101],
    ['headers beside them', 'tool_pre_invoke', { name: '', args: {}, headers: { h: x(5_000_000) } }, 5_000_001],
    ['a payload without arguments', 'tool_pre_invoke', { name: '', headers: { h: x(100) } }, 101],
    ['nested keys in arguments', 'tool_pre_invoke', { name: '', args: keys }, 105],
    ['the names of arguments', 'tool_pre_invoke', { name: '', args: { [x(101)]: null } }, 101],
    ['numbers', 'tool_pre_invoke', { name: '', args: { a: Array.from({ length: 50 }, () => -1.5) } }, 201],
    ['truth values', 'tool_pre_invoke', { name: '', args: { a: Array.from({ length: 25 }, () => true) } }, 101],
    ['bytes of buffers', 'tool_pre_invoke', { name: '', args: { a: Buffer.alloc(100) } }, 101],
    ['bytes of bare buffers', 'tool_pre_invoke', { name: '', args: { a: new ArrayBuffer(100) } }, 101],
    ['a result', 'tool_post_invoke', { name: '', result: x(101) }, 101],
    ['the name beside a result', 'tool_post_invoke', { name: x(101), result: '' }, 101],
    ['nested keys of a result', 'tool_post_invoke', { name: '', result: keys }, 105],
    ['a resource', 'resource_post_fetch', { uri: '', content: { text: x(100) } }, 104],
    ['metadata', 'resource_pre_fetch', { uri: '', metadata: { a: x(100) } }, 101],
    ['a conversation', 'agent_pre_invoke', { agentId: '', messages: [{ role: 'r', content: x(90) }] }, 102],
    ['a request', 'http_pre_request', { path: x(40), method: x(30), headers: { h: x(30) } }, 101],
  ])('%s', async (_, hook, payload, size) => {
    expect(await rejection(run(hook, payload))).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: `The payload of ${hook} has ${size} characters, more than the ${limit} that max_payload_size allows.`,
      details: { hook, size, limit },
    });
  });

  it('and as many characters as allowed pass', async () => {
    const payload = { name: x(10), args: { [x(10)]: [x(30), 12_345] }, headers: { [x(20)]: x(25) } };
    expect(await run('tool_pre_invoke', payload)).toMatchObject({ continueProcessing: true });
    const longer = { ...payload, name: x(11) };
    expect(await rejection(run('tool_pre_invoke', longer))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});

describe('what a plugin makes of a payload counts as well', () => {
  const grow = definePlugin({
    hooks: {
      tool_pre_invoke: (payload) => ({ modifiedPayload: { ...payload, headers: { h: x(100) } } }),
      http_pre_request: () => ({ modifiedPayload: { h: x(100) } }),
    },
  });
  const message = (hook: string, size: number): string =>
    `The payload of ${hook} has ${size} characters, more than the ${limit} that max_payload_size allows.`;

  async function chain(mode: string) {
    const seen: unknown[] = [];
    const look = definePlugin({
      hooks: {
        tool_pre_invoke: (payload) => void seen.push(payload),
        http_pre_request: (payload) => void seen.push(payload),
      },
    });
    const logger = recordingLogger();
    const both = ['tool_pre_invoke', 'http_pre_request'];
    const manager = await start({
      kinds: { grow, look },
      config: {
        plugins: [
          { name: 'Grow', kind: 'grow', hooks: both, mode },
          { name: 'Look', kind: 'look', hooks: both },
        ],
        plugin_settings: settings,
      },
      logger,
    });
    const request = { path: '/', method: 'GET', headers: {} };
    return {
      seen,
      logger,
      tool: () => callTool(manager, 't'),
      request: () => manager.invokeHook('http_pre_request', request, { requestId: 'r' }),
    };
  }

  it('in mode enforce it is an error of the plugin', async () => {
    const { seen, tool, request } = await chain('enforce');
    expect(await rejection(tool())).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      failure: { pluginName: 'Grow', message: message('tool_pre_invoke', 102) },
    });
    expect(await rejection(request())).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      failure: { pluginName: 'Grow', message: message('http_pre_request', 105) },
    });
    expect(seen).toEqual([]);
  });

  it.each(['enforce_ignore_error', 'permissive'])('in mode %s the chain goes on without it', async (mode) => {
    const { seen, logger, tool, request } = await chain(mode);
    expect(await tool()).toMatchObject({ continueProcessing: true, modifiedPayload: undefined });
    expect(await request()).toMatchObject({ continueProcessing: true, modifiedPayload: undefined });
    expect(seen).toEqual([
      { name: 't', args: {} },
      { path: '/', method: 'GET', headers: {} },
    ]);
    const errors = logger.lines.flatMap(({ fields }) =>
      fields['err'] instanceof Error ? [fields['err'].message] : [],
    );
    const told = [message('tool_pre_invoke', 102), message('http_pre_request', 105)];
    expect(errors).toEqual(told.map((text) => `Plugin Grow: ${text}`));
  });
});
