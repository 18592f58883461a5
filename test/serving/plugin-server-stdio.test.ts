import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, expect, it, vi } from 'vitest';
import { RecordingLogger } from '../../src/testing/recording-logger.js';
import { startEchoServer } from '../fixtures/hosting/echo-server.js';
import { initialize, invokeHook, rpc } from '../fixtures/hosting/raw-http.js';

const args = ['--import', 'tsx', fileURLToPath(new URL('../fixtures/hosting/serve-echo.ts', import.meta.url))];

const children: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

/** A child, its lines of output, and how it ended. */
function start(): {
  child: ChildProcessWithoutNullStreams;
  line: () => Promise<unknown>;
  exit: Promise<unknown[]>;
  stderr: () => string;
} {
  const child = spawn(process.execPath, args);
  children.push(child);
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let rest = '';
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  child.stdout.on('data', (chunk) => {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const next = waiting.shift();
      if (next === undefined) lines.push(part);
      else next(part);
    }
  });
  const line = async (): Promise<unknown> => {
    const known = lines.shift();
    return JSON.parse(known ?? (await new Promise<string>((resolve) => waiting.push(resolve))));
  };
  return { child, line, exit: once(child, 'exit'), stderr: () => errors };
}

it('serves the MCP client of the SDK', async () => {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  const answer = await client.callTool({ name: 'get_plugin_config', arguments: { name: 'echo' } });
  expect(JSON.stringify(answer.content)).toContain('\\"name\\":\\"Echo\\"');
  await client.close();
});

it('ends by itself when its input ends, after the running calls were answered', async () => {
  const { child, line, exit, stderr } = start();
  child.stdin.write(`${initialize}\n`);
  expect(await line()).toMatchObject({ id: 1, result: { serverInfo: { name: 'MCP Plugin Server' } } });
  child.stdin.end(`${invokeHook(2, 'short')}\n`);
  expect(JSON.stringify(await line())).toContain('its time');
  expect(await exit).toEqual([0, null]);
  expect(stderr()).toBe('');
});

it('ends on SIGTERM, after the running calls were answered', async () => {
  const { child, line, exit } = start();
  child.stdin.write(`${initialize}\n`);
  await line();
  child.stdin.write(`${invokeHook(2, 'short')}\n${rpc(3, 'ping')}\n`);
  // The ping is answered while the call before it still runs.
  expect(await line()).toMatchObject({ id: 3 });
  child.kill('SIGTERM');
  expect(JSON.stringify(await line())).toContain('its time');
  expect(await exit).toEqual([0, null]);
});

it('ends by itself when its host is gone', async () => {
  const { child, line, exit } = start();
  child.stdin.write(`${initialize}\n`);
  await line();
  child.stdin.write(`${invokeHook(2, 'short')}\n`);
  child.stdout.destroy();
  child.stdin.end();
  expect(await exit).toEqual([0, null]);
});

it('shuts its plugins down when its host goes away while an answer is being written', async () => {
  // A socket instead of a pipe, in this process: a child would not tell when it waits.
  const folder = mkdtempSync(join(tmpdir(), 'gc-stdio-'));
  const path = join(folder, 's');
  const listener = createServer();
  const accepted = once(listener, 'connection');
  listener.listen(path);
  await once(listener, 'listening');
  const stdout = connect(path);
  const [reader] = await accepted;
  const stdin = new PassThrough();
  const server = await startEchoServer({ transport: { kind: 'stdio', stdin, stdout } });
  stdin.write(`${initialize}\n`);
  stdin.write(`${invokeHook(2, 'x'.repeat(8 * 1024 * 1024))}\n`);
  await vi.waitFor(() => expect(stdout.writableNeedDrain).toBe(true));
  const closing = server.close();
  await setImmediate();
  await setImmediate();
  reader.destroy();
  await closing;
  await server.closed;
  expect(server.host.closed).toBe(1);
  listener.close();
  rmSync(folder, { recursive: true });
});

it('says in its log what it could not read, and nothing of what was in it', async () => {
  const logger = new RecordingLogger();
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const server = await startEchoServer({ transport: { kind: 'stdio', stdin, stdout }, logger });
  const stranger = JSON.stringify({ jsonrpc: '2.0', id: 99, result: { token: 'hidden' } });
  stdin.write(`hidden, and not JSON\n{"hidden":1}\n${stranger}\n${initialize}\n`);
  await once(stdout, 'data');
  expect(logger.lines('warn')).toEqual(['the host sent a line that is no JSON-RPC message; ignored']);
  expect(logger.lines('debug')).toEqual([
    'the host sent a line that is no JSON-RPC message; ignored',
    'the host answered a request that nobody made; ignored',
  ]);
  expect(JSON.stringify(logger.entries)).not.toContain('hidden');
  await server.close();
});

it('keeps going after a line that is not JSON', async () => {
  const { child, line, exit } = start();
  child.stdin.write(`not json\n{"a":1}\n\n${initialize}\n`);
  expect(await line()).toMatchObject({ id: 1, result: {} });
  child.stdin.end();
  expect(await exit).toEqual([0, null]);
});

it.each(['whole', 'byte by byte'])('skips a byte order mark before the first message, %s', async (how) => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const logger = new RecordingLogger();
  const server = await startEchoServer({ transport: { kind: 'stdio', stdin, stdout }, logger });
  const bytes = Buffer.from(`\uFEFF${initialize}\n`);
  if (how === 'whole') stdin.write(bytes);
  else for (const byte of bytes) stdin.write(Buffer.from([byte]));
  const [answer] = await once(stdout, 'data');
  expect(JSON.parse(String(answer))).toMatchObject({ id: 1, result: {} });
  expect(logger.lines('warn')).toEqual([]);
  await server.close();
});
