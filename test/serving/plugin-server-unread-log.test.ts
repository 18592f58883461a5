import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { folderWith } from '../fixtures/manager/managers.js';
import { initialize, rpc } from '../fixtures/hosting/raw-http.js';
import { cli } from '../fixtures/processes/processes.js';
import { cleanups } from '../fixtures/cleanups.js';
import { until } from '../fixtures/waiting.js';

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

it.each(['SIGTERM', 'the end of its input'])(
  'a server whose log nobody reads serves on, and ends on %s',
  { timeout: 30_000 },
  async (how) => {
    const folder = folderWith({
      'plugins.yaml': 'plugins: [{ name: Loud, kind: "./loud.mjs#Loud", hooks: [tool_pre_invoke] }]\n',
      'loud.mjs': `import { definePlugin } from 'gatechart';
        export const Loud = definePlugin({ hooks: { tool_pre_invoke() { throw new Error('x'.repeat(900)); } } });`,
    });
    const args = [cli, 'plugin-server', '--config', join(folder, 'plugins.yaml'), '--transport', 'stdio'];
    const child = spawn(process.execPath, args, { stdio: 'pipe' });
    cleanups.push(async () => void child.kill('SIGKILL'));
    let answers = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      answers += chunk.toString().split('\n').length - 1;
    });
    const call = {
      hook_type: 'tool_pre_invoke',
      plugin_name: 'Loud',
      payload: { name: 'a', args: {} },
      context: { global_context: { request_id: 'r' } },
    };
    child.stdin.write(`${initialize}\n`);
    for (let id = 2; id <= 1000; id++) {
      child.stdin.write(`${rpc(id, 'tools/call', { name: 'invoke_hook', arguments: call })}\n`);
    }
    await until('all answers', () => answers === 1000);
    const ended = once(child, 'exit');
    if (how === 'SIGTERM') child.kill('SIGTERM');
    else child.stdin.end();
    expect(await Promise.race([ended, delay(10_000, 'still there')])).toEqual([0, null]);
  },
);
