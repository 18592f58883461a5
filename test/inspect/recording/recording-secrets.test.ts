import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { definePlugin, PluginViolationError } from '../../../src/index.js';
import { createRecorder } from '../../../src/inspect/index.js';
import { serve } from '../../fixtures/transports/http-links.js';
import { callTool, http, start, stdio } from '../../fixtures/manager/managers.js';
import { outcomeOf } from '../../fixtures/manager/outcomes.js';
import { live } from './machine-lives.js';
import { recorderBeside } from './live-states.js';
import { recordingFolder } from './recording-folder.js';

const newFile = recordingFolder();

/** A manager with secrets wherever somebody can put one, all of which were used. */
async function recordedSecrets(payloads: boolean): Promise<string> {
  const file = newFile();
  const recorder = createRecorder({ file, payloads });
  const server = await serve();
  const address = new URL(server.url);
  address.searchParams.set('key', 's3cret-query');
  const local = definePlugin({
    hooks: {
      tool_pre_invoke({ name }, { state, globalContext }) {
        state['kept'] = 's3cret-state';
        (globalContext.state ??= {})['kept'] = 's3cret-global';
        if (name === 'throw')
          throw Object.assign(new Error('s3cret-error'), { code: 's3cret-code', name: 's3cret-name' });
        if (name === 'deny')
          throw new PluginViolationError('h', 'p', {
            reason: 's3cret-reason',
            description: 's3cret',
            code: 's3cret-code',
          });
        return { modifiedPayload: { name, args: { label: 's3cret-modified' } }, metadata: { kept: 's3cret-metadata' } };
      },
    },
    initialize: () => undefined,
    shutdown: () => Promise.reject(new Error('s3cret-shutdown')),
  });
  const failing = definePlugin({
    hooks: {
      tool_pre_invoke: () => {
        throw new Error('s3cret-failing');
      },
    },
  });
  const manager = await start({
    kinds: { local, failing },
    recorder,
    config: {
      plugins: [
        {
          name: 'Local',
          kind: 'local',
          hooks: ['tool_pre_invoke'],
          mode: 'permissive',
          config: { key: 's3cret-config' },
        },
        { name: 'Off', kind: 'failing', hooks: ['tool_pre_invoke'], mode: 'sequential', on_error: 'disable' },
        { name: 'Remote', kind: 'external', hooks: ['tool_pre_invoke'], mode: 'permissive', mcp: http(address.href) },
        {
          name: 'Child',
          kind: 'external',
          hooks: ['tool_pre_invoke'],
          mode: 'permissive',
          mcp: stdio({ KEY: 's3cret-env' }),
        },
      ],
      plugin_settings: { plugin_timeout: 15 },
    },
  });
  for (const name of ['plain', 'throw', 'deny', 's3cret-tool'])
    await outcomeOf(callTool(manager, name, { label: 's3cret-payload' }));
  await server.close();
  await outcomeOf(callTool(manager, 'plain', { label: 's3cret-payload' }));
  await manager.close();
  await recorder.close();
  return file;
}

describe('a recording', () => {
  it('holds names and numbers, and no secret of a configuration, a payload, an answer or an error', async () => {
    const text = readFileSync(await recordedSecrets(false), 'utf8');
    expect(text.match(/"machine":"(plugin|connection|invocation)"/g)?.length).toBeGreaterThan(3);
    expect(text.match(/.{40}s3cret.{40}/gi) ?? []).toEqual([]);
  });

  it('holds what errors say where it may', async () => {
    expect(readFileSync(await recordedSecrets(true), 'utf8')).toContain('s3cret-failing');
  });

  it.each(['login', 'eventStream', 'configWatch', 'server', 'connection', 'invocation', 'branch', 'plugin'])(
    'holds no text that an actor of %s was told',
    async (machine) => {
      const file = newFile();
      let beside: ReturnType<typeof recorderBeside> | undefined;
      const all = Array.from({ length: 60 }, (_, step) => {
        const kind = (['event', 'done', 'failed', 'time'] as const)[step % 4] ?? 'time';
        return kind === 'time'
          ? { kind, ms: 40 }
          : kind === 'event'
            ? { kind, which: step, value: step * 7 }
            : { kind, value: step };
      });
      await live(machine, all, 7, (clock) => (beside = recorderBeside(file, clock)).observer);
      await beside?.recorder.close();
      const text = readFileSync(file, 'utf8');
      expect(text.split('\n').length).toBeGreaterThan(4);
      expect(text.match(/.{0,60}(secret|scope\d).{0,40}/g) ?? []).toEqual([]);
    },
  );
});
