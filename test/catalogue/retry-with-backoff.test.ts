import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { describe, expect, it } from 'vitest';
import { mostCalls } from '../../src/catalogue/retry-with-backoff/retry-counts.js';
import type { PluginManager } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { gatewayInMemory } from '../fixtures/gateway/gateway-in-memory.js';
import { cleanups } from '../fixtures/cleanups.js';
import { rejection } from '../fixtures/waiting.js';

const hooks = ['tool_post_invoke', 'resource_post_fetch'];
const steady = { jitter: false };
const failed = { content: [], isError: true };

async function delayOf(
  manager: PluginManager,
  result: unknown,
  requestId = 'r',
  name = 't',
): Promise<number | undefined> {
  const outcome = await manager.invokeHook('tool_post_invoke', { name, result }, { requestId });
  expect(outcome).toMatchObject({ continueProcessing: true, modifiedPayload: undefined });
  return outcome.retryDelayMs;
}

async function delays(manager: PluginManager, results: readonly unknown[], requestId = 'r'): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const result of results) found.push((await delayOf(manager, result, requestId)) ?? 0);
  return found;
}

describe('retry with back-off', () => {
  it('doubles the delay up to the longest one, asks as often as it may, and begins anew after that', async () => {
    await using manager = await managerOf('retry-with-backoff', hooks, {
      ...steady,
      max_retries: 4,
      max_backoff_ms: 500,
    });
    expect(await delays(manager, [failed, failed, failed, failed, failed, failed])).toEqual([
      200, 400, 500, 500, 0, 200,
    ]);
  });

  it('forgets a call that has succeeded, and knows calls apart by tool and request', async () => {
    await using manager = await managerOf('retry-with-backoff', hooks, steady);
    expect(await delays(manager, [failed, { isError: false }, failed])).toEqual([200, 0, 200]);
    expect(await delays(manager, [failed], 'other')).toEqual([200]);
    expect(await delayOf(manager, failed, 'r', 'u')).toBe(200);
    expect(await delays(manager, [failed])).toEqual([400]);
  });

  it.each<[unknown, boolean]>([
    [{ isError: 'yes' }, false],
    [{ structuredContent: { isError: true } }, true],
    [{ structuredContent: { status_code: 503 } }, true],
    [{ isError: true, structuredContent: { status_code: 404 } }, false],
    [{ content: [{ type: 'text', text: '{"status_code": 503}' }] }, false],
    ['error', false],
  ])('takes %j for a failure of the moment: %s', async (result, isTransient) => {
    await using manager = await managerOf('retry-with-backoff', hooks, steady);
    expect(await delays(manager, [result])).toEqual([isTransient ? 200 : 0]);
  });

  it('looks into texts where it is told to', async () => {
    await using manager = await managerOf('retry-with-backoff', hooks, { ...steady, check_text_content: true });
    const says = (text: string): object => ({
      content: [
        { type: 'text', text: 'well' },
        { type: 'text', text },
      ],
    });
    expect(await delays(manager, [says(' {"status_code": 503}')])).toEqual([200]);
    expect(await delays(manager, [says('{"status_code": 404}'), says('{"isError": true}'), says('503')], 'q')).toEqual([
      0, 200, 0,
    ]);
  });

  it('goes by what holds for the tool', async () => {
    const tool_overrides = { t: { max_retries: 1, backoff_base_ms: 7 } };
    await using manager = await managerOf('retry-with-backoff', hooks, { ...steady, tool_overrides });
    expect(await delays(manager, [failed, failed])).toEqual([7, 0]);
    expect(await delayOf(manager, failed, 'r', 'toString')).toBe(200);
  });

  it('spreads the delays, and never asks for none where it asks', async () => {
    await using manager = await managerOf('retry-with-backoff', hooks, { backoff_base_ms: 3 });
    const found = await Promise.all(Array.from({ length: 60 }, (_none, index) => delayOf(manager, failed, `${index}`)));
    expect(new Set(found)).toEqual(new Set([1, 2]));
  });

  it('tells what it would do of a resource, and its figures where the request is traced', async () => {
    await using manager = await managerOf('retry-with-backoff', hooks, steady);
    const fetched = await manager.invokeHook('resource_post_fetch', { uri: 'u', content: 'x' }, { requestId: 'r' });
    expect(fetched.metadata).toMatchObject({ retry_policy: { max_retries: 2, backoff_base_ms: 200 } });
    const traced = { extensions: { request: { traceId: 'ab'.repeat(16) } } };
    const outcome = await manager.invokeHook(
      'tool_post_invoke',
      { name: 't', result: failed },
      { requestId: 'r' },
      traced,
    );
    expect(outcome.metadata).toMatchObject({ retry_with_backoff: { retry_count: 1, retry_delay_ms: 200 } });
  });

  it('counts so many calls and no more, and forgets them after a while', async () => {
    const clock = new ManualClock();
    await using manager = await managerOf('retry-with-backoff', hooks, steady, { clock });
    for (let index = 0; index < mostCalls; index++) await delayOf(manager, failed, `${index}`);
    expect(await delays(manager, [failed], 'one more')).toEqual([0]);
    expect(await delays(manager, [failed], '0')).toEqual([400]);
    clock.advance(301_000);
    expect(await delays(manager, [failed], 'one more')).toEqual([200]);
  });

  it.each([
    [{ max_retries: 11 }, 'config.max_retries: '],
    [{ backoff_base_ms: 9_000 }, 'config.backoff_base_ms: is 9000, more than max_backoff_ms, 5000'],
    [{ tool_overrides: { t: { max_backoff_ms: 3 } } }, 'config.tool_overrides.t.backoff_base_ms: is 200, more than'],
    [{ retry_on_status: [7] }, 'config.retry_on_status[0]: '],
    [{ retries: 1 }, 'config.retries: unknown key'],
  ])('refuses the configuration %j', async (config, message) => {
    const error = await rejection(managerOf('retry-with-backoff', hooks, config));
    expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: expect.stringContaining(message) });
  });

  it('takes whatever a tool answers', async () => {
    await using manager = await managerOf('retry-with-backoff', hooks, { check_text_content: true });
    await fc.assert(fc.asyncProperty(fc.jsonValue(), async (result) => void (await delayOf(manager, result, 'fuzz'))));
  });

  it('reads texts in linear time', async () => {
    await using manager = await managerOf('retry-with-backoff', hooks, { check_text_content: true });
    const part = '{"status_code":1}';
    await expectLinearTime(
      (text) => delayOf(manager, { content: [{ type: 'text', text }] }),
      (length) => `{${' '.repeat(length / 2)}${part.repeat(length / 2 / part.length)}`.slice(0, 900_000),
    );
  });

  it('makes a gateway call a server again that fails twice', async () => {
    let calls = 0;
    const http = createServer((request, response) => {
      const server = new McpServer({ name: 'shaky', version: '1.0.0' });
      server.registerTool('work', {}, () =>
        ++calls < 3
          ? { content: [{ type: 'text', text: 'not now' }], isError: true }
          : { content: [{ type: 'text', text: `done at ${calls}` }] },
      );
      const transport = new StreamableHTTPServerTransport({});
      void server.connect(transport).then(() => transport.handleRequest(request, response));
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    cleanups.push(async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    });
    const plugins = await managerOf('retry-with-backoff', ['tool_post_invoke'], { backoff_base_ms: 1, jitter: false });
    cleanups.push(() => plugins.close());
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
    const rules = { agents: { a: { allow: { servers: ['s'] } } } };
    const { client } = await gatewayInMemory({ s: url }, { rules, agent: 'a', plugins });
    const asked = { name: 'execute_tool', arguments: { server: 's', tool: 'work', args: {} } };

    expect(JSON.stringify(await client.callTool(asked))).toContain('done at 3');
    expect(calls).toBe(3);
  });
});
