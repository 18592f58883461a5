import { describe, expect, it, test } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';
import { type LoggedLine, recordingLogger } from '../fixtures/recording-logger.js';

const block = () => ({ continueProcessing: false, violation: { reason: 'why', description: 'SECRET', code: 'NO' } });
const fail = () => {
  throw new Error('out of order');
};
const guard = definePlugin({
  hooks: {
    tool_pre_invoke: block,
    prompt_pre_fetch: block,
    resource_pre_fetch: block,
    agent_pre_invoke: block,
    http_pre_request: block,
    tool_post_invoke: fail,
  },
});
const hooks = [
  'tool_pre_invoke',
  'prompt_pre_fetch',
  'resource_pre_fetch',
  'agent_pre_invoke',
  'http_pre_request',
  'tool_post_invoke',
];

async function lineOf(
  hook: 'tool_pre_invoke' | 'prompt_pre_fetch' | 'resource_pre_fetch' | 'agent_pre_invoke' | 'http_pre_request',
  payload: object,
  mode = 'enforce',
): Promise<Partial<LoggedLine>> {
  const logger = recordingLogger();
  const manager = await start({
    kinds: { guard },
    config: { plugins: [{ name: 'G', kind: 'guard', hooks, mode }] },
    logger,
  });
  const outcome = await manager.invokeHook(hook, payload as never, { requestId: 'r-1', tenantId: 't-1' });
  await outcome.background;
  await manager.close();
  const [line] = logger.lines.filter(({ level }) => level === 'warn');
  return { ...line };
}

describe('the line of a block', () => {
  it.each([
    ['tool_pre_invoke', { name: 'echo', args: { text: 'SECRET' } }, { tool: 'echo' }],
    ['prompt_pre_fetch', { promptId: 'greet', args: { text: 'SECRET' } }, { prompt: 'greet' }],
    ['resource_pre_fetch', { uri: 'http://me:SECRET@host/a?key=SECRET#SECRET' }, { resource: 'http://host/a' }],
    ['agent_pre_invoke', { agentId: 'helper', messages: [] }, { agent: 'helper' }],
    ['http_pre_request', { path: '/SECRET', method: 'GET', headers: {} }, {}],
  ] as const)('of %s says whom it was for, what it is about and how long it took', async (hook, payload, about) => {
    const line = await lineOf(hook, payload);
    expect(line.fields).toEqual({
      plugin: 'G',
      requestId: 'r-1',
      tenant: 't-1',
      ...about,
      durationMs: expect.any(Number),
      hook,
      code: 'NO',
      reason: 'why',
    });
    expect(JSON.stringify(line)).not.toContain('SECRET');
  });

  it.each(['enforce', 'permissive', 'concurrent', 'fire_and_forget'])('is as full in mode %s', async (mode) => {
    const { fields } = await lineOf('tool_pre_invoke', { name: 'echo' }, mode);
    expect(fields).toMatchObject({ requestId: 'r-1', tenant: 't-1', tool: 'echo', plugin: 'G', code: 'NO' });
  });

  it('is short, whatever a request calls things', async () => {
    const { fields } = await lineOf('tool_pre_invoke', { name: 'x'.repeat(100_000) });
    expect(JSON.stringify(fields).length).toBeLessThan(500);
  });
});

test('the line of a failure says the same, and its code', async () => {
  const logger = recordingLogger();
  const manager = await start({
    kinds: { guard },
    config: { plugins: [{ name: 'G', kind: 'guard', hooks, mode: 'permissive' }] },
    logger,
  });
  await manager.invokeHook('tool_post_invoke', { name: 'echo', result: 'SECRET' }, { requestId: 'r-1' });
  const [line] = logger.lines.filter(({ level }) => level === 'error');
  expect(line?.fields).toMatchObject({
    requestId: 'r-1',
    hook: 'tool_post_invoke',
    tool: 'echo',
    code: 'PLUGIN_FAILED',
  });
  expect(line?.fields).toHaveProperty('durationMs', expect.any(Number));
});
