import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { callTool, external, folderWith, start } from '../fixtures/manager/managers.js';
import { eventually, rejection } from '../fixtures/waiting.js';

// Speaks just enough MCP to be taken for healthy, then dies: each "success" of it must not buy it another start.
const server = `
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
appendFileSync(process.env.STARTS, 'started\\n');
const answer = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    if (process.env.LIFE_MS === '0') process.exit(9);
    answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } });
  }
  if (method === 'notifications/initialized') setTimeout(() => process.exit(9), Number(process.env.LIFE_MS));
  if (method === 'tools/call') {
    answer(id, { content: [{ type: 'text', text: JSON.stringify({ name: 'Guard', hooks: ['tool_pre_invoke'] }) }] });
  }
}
`;

function dying(lifeMs: number) {
  const folder = folderWith({ 'server.mjs': server });
  const log = join(folder, 'starts.log');
  const mcp = {
    proto: 'STDIO',
    cmd: [process.execPath, join(folder, 'server.mjs')],
    env: { STARTS: log, LIFE_MS: String(lifeMs) },
    reconnect_attempts: 3,
    reconnect_delay: 0.01,
  };
  return { config: external(mcp), starts: () => readFileSync(log, 'utf8').split('\n').length - 1 };
}

it('a child that dies right after each handshake is started as often as the attempts allow, and then left alone', async () => {
  const { config, starts } = dying(1_000);
  const manager = await start({ config, connection: { reconnectWindowMs: 0 } });
  // The attempts are used up after three lives of a second each.
  const deadline = performance.now() + 15_000;
  while (manager.connections[0]?.state !== 'failed.coolingDown' && performance.now() < deadline) {
    await callTool(manager, 't').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(starts()).toBe(3);
  const refusals = await Promise.all(Array.from({ length: 50 }, () => rejection(callTool(manager, 't'))));
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining('exited with code 9'),
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(starts()).toBe(3);
});

it('a child that dies right after each handshake is started a few times more in the window, and then ever more rarely', async () => {
  const { config, starts } = dying(100);
  const manager = await start({ config, connection: { reconnectWindowMs: 2_000, cooldownMs: 300 } });
  const deadline = performance.now() + 8_000;
  while (performance.now() < deadline) {
    await callTool(manager, 't').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // Three attempts, at most six more in the window with 100 ms more between them each time, and after 300, 600, 1,200,
  // 2,400 ms of rest one more each.
  expect(starts()).toBeLessThanOrEqual(13);
  // One more try may be under way just now; its child lives for 100 ms.
  await eventually('the rest after a failed try', () => manager.connections[0]?.state.startsWith('failed') === true);
}, 20_000);

it('a child that dies before it says anything fails the start after as many attempts', async () => {
  const { config, starts } = dying(0);
  const error = await rejection(start({ config }));
  expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: expect.stringContaining('exited with code 9') });
  expect(starts()).toBeLessThanOrEqual(3);
});
