import { describe, expect, it } from 'vitest';
import { onCall, serve } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start, stdio } from '../fixtures/manager/managers.js';
import { startRawServer } from '../fixtures/servers/raw-server.mjs';
import { cleanups } from '../fixtures/cleanups.js';
import { rejection } from '../fixtures/waiting.js';

describe('a plugin server that speaks garbage', () => {
  it('over stdio: stray lines are survived, a flood of them ends the link, and the next call is served', async () => {
    const manager = await start({ config: external(stdio({ STRAY_LINES: '20' }, { replay: 'never' })) });
    expect((await callTool(manager, 'print', { text: '{ half', lines: 5 })).continueProcessing).toBe(true);
    const flood = await rejection(callTool(manager, 'print', { text: 'noise', lines: 500 }));
    expect(flood).toMatchObject({ code: 'CALL_OUTCOME_UNKNOWN', failure: { pluginName: 'Guard' } });
    expect((await callTool(manager, 'pid')).metadata['pid']).toBeTypeOf('number');
  });

  it('over stdio: a frame that never ends is cut off with memory bounded', async () => {
    const manager = await start({ config: external(stdio({}, { replay: 'never' })) });
    const before = process.memoryUsage().rss;
    const error = await rejection(callTool(manager, 'huge-line', { bytes: 300 * 1024 * 1024 }));
    expect(error).toMatchObject({ code: 'CALL_OUTCOME_UNKNOWN', message: expect.stringContaining('268435456 bytes') });
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    expect((await callTool(manager, 'pid')).metadata['pid']).toBeTypeOf('number');
  });

  it.each([
    ['a body that is no JSON', '<<<>>>', 'application/json'],
    ['half an event', 'event: message\ndata: {"jsonrpc":"2.0","id"', 'text/event-stream'],
    ['an answer to a question nobody asked', '{"jsonrpc":"2.0","id":99999,"result":{}}', 'application/json'],
  ])('over HTTP: %s', async (_, body, type) => {
    let garbage = false;
    const server = await serve(
      onCall((_seen, response) => {
        if (!garbage) return false;
        response.writeHead(200, { 'content-type': type });
        response.end(body);
        return true;
      }),
    );
    const manager = await start({ config: external(http(server.url, { replay: 'never' })) });
    garbage = true;
    expect(await rejection(callTool(manager, 'echo'))).toMatchObject({ code: 'CALL_OUTCOME_UNKNOWN' });
    garbage = false;
    expect((await callTool(manager, 'pid')).metadata).toEqual({ pid: process.pid });
  });

  it('over HTTP: what is no HTTP at all fails the start with what was found', async () => {
    const raw = await startRawServer((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n')));
    cleanups.push(() => raw.close());
    await expect(start({ config: external(http(raw.url)) })).rejects.toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
      message: expect.stringMatching(/the answer is not HTTP \(.*\); is this the port of an MCP server\?/),
    });
  });
});
