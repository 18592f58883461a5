import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cleanups } from '../fixtures/http-links.js';
import { callTool, external, folderWith, start } from '../fixtures/managers.js';
import { cli, freePort, startNode, until } from '../fixtures/processes.js';
import { recordingLogger, rejection } from '../fixtures/transports.js';

type Manager = Awaited<ReturnType<typeof start>>;

const guard = `
import { definePlugin } from 'gatechart';
export const Guard = definePlugin({ hooks: { tool_pre_invoke: async ({ args }) => {
  if (args.ms) await new Promise((resolve) => setTimeout(resolve, args.ms));
  return { metadata: { pid: process.pid } };
} } });
`;

const connection = {
  suspectAfter: 3,
  pingTimeoutMs: 1_000,
  connectTimeoutMs: 1_000,
  cooldownMs: 300,
  maxCooldownMs: 300,
};

/** A plugin server in a process of its own, and a manager that is connected to it. */
async function connect(transport: string, settings: Record<string, unknown>) {
  const folder = folderWith({
    'guard.mjs': guard,
    'served.yaml': 'plugins: [{ name: Guard, kind: ./guard.mjs#Guard, hooks: [tool_pre_invoke] }]\n',
  });
  // Unix sockets have short names.
  const short = mkdtempSync(join(tmpdir(), 'gc-'));
  cleanups.push(async () => rmSync(short, { recursive: true, force: true }));
  const args = [cli, 'plugin-server', '--config', join(folder, 'served.yaml'), '--transport', transport];
  const path = join(short, 's');
  const port = await freePort();
  const address: Record<string, string[]> = {
    unix: ['--path', path],
    http: ['--port', String(port)],
    grpc: ['--port', String(port)],
  };
  const sections: Record<string, object> = {
    stdio: { mcp: { proto: 'STDIO', cmd: [process.execPath, ...args] } },
    http: { mcp: { proto: 'STREAMABLEHTTP', url: `http://127.0.0.1:${port}/mcp` } },
    grpc: { grpc: { target: `127.0.0.1:${port}` } },
    unix: { unix_socket: { path } },
  };
  if (transport !== 'stdio') {
    const served = startNode([...args, ...(address[transport] ?? [])]);
    await until('the server listens', () => /READY|serving 1 plugins/.test(served.stdout() + served.stderr()));
  }
  const { plugin_settings } = external({}, settings);
  const plugin = { name: 'Guard', kind: 'external', hooks: ['tool_pre_invoke'], ...sections[transport] };
  const logger = recordingLogger();
  const manager = await start({ config: { plugins: [plugin], plugin_settings }, connection, logger });
  const states = (): unknown[] => logger.lines.flatMap(({ fields }) => fields['state'] ?? []);
  return { manager, pid: await pidOf(manager), states };
}

async function pidOf(manager: Manager, args: Record<string, unknown> = {}): Promise<number> {
  return Number((await callTool(manager, 't', args)).metadata['pid']);
}

describe.each(['stdio', 'http', 'unix', 'grpc'])('a server that is stopped (%s)', (transport) => {
  it('is suspected after three calls, asked, and found again when it goes on', async () => {
    const { manager, pid } = await connect(transport, { plugin_timeout: 1 });
    const state = (): string => manager.connections[0]?.state ?? '';
    process.kill(pid, 'SIGSTOP');
    cleanups.push(async () => {
      if (transport !== 'stdio') process.kill(pid, 'SIGCONT');
    });
    const lost = await Promise.all([1, 2, 3].map(() => rejection(callTool(manager, 't'))));
    for (const error of lost) expect(error).toMatchObject({ code: 'PLUGIN_TIMEOUT' });
    expect(state()).toBe('suspect');
    if (transport === 'stdio') {
      // A process that does not answer is replaced.
      await until('another process answers', async () => (await pidOf(manager).catch(() => pid)) !== pid);
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      return;
    }
    await until('the connection gives up', async () => {
      await callTool(manager, 't').catch(() => undefined);
      return state() === 'failed.coolingDown';
    });
    // Nobody waits for a deadline any more.
    const startedAt = performance.now();
    expect(await rejection(callTool(manager, 't'))).toMatchObject({ code: 'CONNECTION_FAILED' });
    expect(performance.now() - startedAt).toBeLessThan(200);
    process.kill(pid, 'SIGCONT');
    await until('it is found again', async () => (await pidOf(manager).catch(() => undefined)) === pid);
    expect(state()).toMatch(/^ready/);
  }, 40_000);

  it('is told from one that is only slow: its calls go on', async () => {
    const { manager, pid, states } = await connect(transport, { plugin_timeout: 15 });
    const long = callTool(manager, 't', { ms: 3_000 });
    const late = [1, 2, 3].map(() =>
      rejection(callTool(manager, 't', { ms: 60_000 }, { signal: AbortSignal.timeout(300) })),
    );
    await Promise.all(late);
    expect((await long).metadata['pid']).toBe(pid);
    expect(await pidOf(manager)).toBe(pid);
    expect(states()).toEqual(['connecting', 'ready', 'suspect', 'ready']);
  }, 40_000);
});
