import { expect, it } from 'vitest';
import { serve } from '../fixtures/transports/http-links.js';
import { callTool, http, start, stdio } from '../fixtures/manager/managers.js';
import { startRawServer } from '../fixtures/servers/raw-server.mjs';
import { cleanups } from '../fixtures/cleanups.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection } from '../fixtures/waiting.js';

async function deadServer() {
  const server = await startRawServer(() => {});
  cleanups.push(() => server.close());
  return server;
}

const entry = (name: string, mcp: object) => ({ name, kind: 'external', hooks: ['tool_pre_invoke'], mcp });

it('one dead server holds the start up no longer than its own time, and the others are up beside it', async () => {
  const dead = await deadServer();
  const living = await serve();
  const logger = recordingLogger();
  const began = performance.now();
  const manager = await start({
    config: {
      plugins: [
        entry('Dead', http(dead.url)),
        entry('Dead2', http(dead.url)),
        entry('Dead3', http(dead.url)),
        entry('Http', http(living.url)),
        entry('Stdio', stdio()),
      ],
      plugin_settings: { skip_unloadable_plugins: true },
    },
    startTimeoutMs: 5_000,
    logger,
  });
  // Three dead servers one after the other would take 15 seconds.
  expect(performance.now() - began).toBeLessThan(13_000);
  expect(manager.pluginNames).toEqual(['Http', 'Stdio']);
  expect((await callTool(manager, 'pid')).continueProcessing).toBe(true);
  const told = logger.lines.filter(({ level }) => level === 'error').map(({ message }) => message);
  expect(told).toHaveLength(3);
  expect(told[0]).toMatch(
    /^skipped a plugin: External plugin Dead at http:\/\/127\.0\.0\.1:\d+\/mcp did not give its configuration: No answer from Dead within 5000 ms \(connection connecting, attempt 1\)\.$/,
  );
});

it('a dead server fails the start in time unless it may be skipped, and the error names it alone', async () => {
  const dead = await deadServer();
  const living = await serve();
  const error = await rejection(
    start({
      config: { plugins: [entry('Dead', http(dead.url)), entry('Http', http(living.url))] },
      startTimeoutMs: 3_000,
    }),
  );
  expect(error).toMatchObject({
    code: 'PLUGIN_LOAD_FAILED',
    message: expect.stringMatching(/^External plugin Dead at .*within 3000 ms/),
    details: { plugin: 'Dead' },
  });
  expect(String(error)).not.toContain('Http');
  // What had started was shut down again.
  expect(living.count('DELETE')).toBe(1);
});
