import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineHook } from '../../src/hooks/hook.js';
import { listenOnSocket } from '../../src/serving/listening.js';
import { EchoHost } from '../fixtures/hosting/echo-host.js';
import { startEchoServer } from '../fixtures/hosting/echo-server.js';
import { begin, invokeHook, openSession, post, rpc } from '../fixtures/hosting/raw-http.js';

const inSession = (id: string) => ({ 'mcp-session-id': id });
const open = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Pipe.*Server/.test(kind)).length;

describe('closing a server', () => {
  it('lets running calls finish and takes no more', async () => {
    const server = await startEchoServer();
    const id = await openSession(server.address);
    const running = post(server.address, invokeHook(2, 'held'), inSession(id));
    await vi.waitFor(() => expect(server.host.running).toBe(1));
    const closing = server.close();
    await expect(post(server.address, rpc(3, 'ping'), inSession(id))).rejects.toThrow('ECONNREFUSED');
    expect(server.host.closed).toBe(0);
    server.host.release();
    expect((await running).body).toContain('its time');
    await closing;
    expect(server.host.closed).toBe(1);
  });

  it('refuses calls on connections that were open before', async () => {
    const server = await startEchoServer();
    const id = await openSession(server.address);
    const running = post(server.address, invokeHook(2, 'held'), inSession(id));
    await vi.waitFor(() => expect(server.host.running).toBe(1));
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    await new Promise((resolve) => socket.once('connect', resolve));
    const body = rpc(3, 'ping');
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`,
    );
    // A round trip later the server has read the lines above.
    await post(server.address, rpc(9, 'ping'), inSession(id));
    const closing = server.close();
    socket.write(`\r\n${body}`);
    await vi.waitFor(() => expect(answer).toContain('HTTP/1.1 503'));
    expect(answer.toLowerCase()).toContain('connection: close');
    server.host.release();
    await running;
    await closing;
    socket.destroy();
  });

  it('ends calls that do not finish in time, and tells their plugins', async () => {
    const server = await startEchoServer({ limits: { shutdownGraceMs: 50 } });
    const id = await openSession(server.address);
    const running = post(server.address, invokeHook(2, 'slow'), inSession(id));
    const outcome = running.catch((error: unknown) => error);
    await vi.waitFor(() => expect(server.host.running).toBe(1));
    await server.close();
    await outcome;
    await vi.waitFor(() => expect(server.host.running).toBe(0));
  });

  it('ends open streams, idle and half-open connections, and leaves nothing behind', async () => {
    const server = await startEchoServer({ limits: { shutdownGraceMs: 50 } });
    const id = await openSession(server.address);
    const stream = await begin(server.address, { headers: { accept: 'text/event-stream', ...inSession(id) } });
    const body = stream.body.catch(() => 'cut');
    const halfOpen = connect(Number(new URL(server.address).port), '127.0.0.1');
    halfOpen.on('error', () => {});
    await new Promise((resolve) => halfOpen.once('connect', resolve));
    const closed = new Promise((resolve) => halfOpen.once('close', resolve));
    await server.close();
    expect(await body).toBe('');
    await closed;
    await vi.waitFor(() => expect(open()).toBe(0));
  });

  it('may be asked for more than once', async () => {
    const server = await startEchoServer();
    await Promise.all([server.close(), server.close()]);
    await server.closed;
    expect(server.host.closed).toBe(1);
  });
});

describe('a server that cannot start', () => {
  class StubbornHost extends EchoHost {
    override async close(): Promise<void> {
      await super.close();
      throw new Error('a plugin does not let go');
    }
  }
  const transport = { kind: 'unix', path: `/tmp/${'x'.repeat(200)}` } as const;

  it('closes its plugins when its hooks are refused', async () => {
    const host = new EchoHost();
    const hooks = [defineHook({ name: 'tool_pre_invoke', payload: z.object({}) })];
    await expect(startEchoServer({ host, hooks, transport })).rejects.toMatchObject({ code: 'HOOK_DUPLICATE' });
    expect(host.closed).toBe(1);
  });

  it('says why, also when its plugins do not shut down cleanly', async () => {
    const host = new StubbornHost();
    await expect(startEchoServer({ host, transport })).rejects.toMatchObject({ code: 'SERVER_START_FAILED' });
    expect(host.closed).toBe(1);
  });

  it('says so where something else than the library fails', async () => {
    const host = new EchoHost();
    vi.spyOn(host, 'configs', 'get').mockImplementation(() => {
      throw new Error('the plugins are gone');
    });
    await expect(startEchoServer({ host, transport })).rejects.toMatchObject({
      code: 'SERVER_START_FAILED',
      message: 'The plugin server cannot start: the plugins are gone',
    });
    expect(host.closed).toBe(1);
  });

  it('does not listen on a socket that may be open to others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gc-listen-'));
    const path = join(folder, 's');
    const server = createServer();
    const closed = new Promise((resolve) => server.once('close', resolve));
    // Somebody removes the file before its mode is set.
    server.once('listening', () => rmSync(path));
    await expect(listenOnSocket(server, path)).rejects.toMatchObject({
      code: 'SERVER_START_FAILED',
      message: expect.stringContaining(`Unix socket ${path}: its mode cannot be set: ENOENT`),
    });
    await closed;
    rmSync(folder, { recursive: true });
  });
});

it('a server that cannot start closes its plugins and says where it could not listen', async () => {
  const first = await startEchoServer();
  const port = Number(new URL(first.address).port);
  await expect(
    startEchoServer({ transport: { kind: 'http', server: { host: '127.0.0.1', port } } }),
  ).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
    message: expect.stringMatching(
      `Cannot listen on 127.0.0.1:${port}: .*; another program listens there, stop it or choose another port`,
    ),
  });
  await first.close();
});
