import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { servedOver, serveHost } from '../fixtures/hosting/served-plugins.js';
import { callTool, start } from '../fixtures/manager/managers.js';

const named = { name: 'Guard', hooks: ['tool_pre_invoke'] };

describe.each(servedOver)('on_error of a plugin over %s', (transport) => {
  /** A host of a plugin that fails, and how often that ran. */
  async function connect(served: object, local: object) {
    let runs = 0;
    const failing = definePlugin({
      hooks: {
        tool_pre_invoke() {
          runs++;
          throw new Error('boom');
        },
      },
    });
    const entry = { ...named, kind: 'failing', mode: 'sequential', ...served };
    const host = await start({ kinds: { failing }, config: { plugins: [entry] } });
    const reached = await serveHost(host, transport);
    const manager = await start({ config: { plugins: [{ ...reached, ...local }] } });
    return { manager, runs: () => runs };
  }

  it.each(['ignore', 'disable'])(
    'is the host’s to act on: its chain goes on with %s of the server',
    async (on_error) => {
      const guarded = await connect({ on_error }, {});
      expect(guarded.manager.configs[0]).toMatchObject({ mode: 'sequential', onError: on_error });
      for (let n = 0; n < 2; n++) expect((await callTool(guarded.manager, 't')).continueProcessing).toBe(true);
      // Whether a disabled plugin is left out is told elsewhere; here that it is the host that acts.
      expect(guarded.runs()).toBeGreaterThan(0);
    },
  );

  it.each(['permissive', 'enforce_ignore_error', 'audit', 'fire_and_forget'])(
    'is not acted on by a server in mode %s',
    async (mode) => {
      const guarded = await connect({ mode }, { mode: 'sequential', on_error: 'fail' });
      await expect(callTool(guarded.manager, 't')).rejects.toMatchObject({
        code: 'PLUGIN_FAILED',
        message: 'Plugin Guard: boom',
      });
    },
  );

  it('and what is written here holds: the server sends the error, whatever its entry says', async () => {
    const strict = await connect({ on_error: 'ignore' }, { on_error: 'fail' });
    await expect(callTool(strict.manager, 't')).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: 'Plugin Guard: boom',
    });
    const lenient = await connect({ on_error: 'fail' }, { on_error: 'ignore' });
    expect((await callTool(lenient.manager, 't')).continueProcessing).toBe(true);
  });
});
