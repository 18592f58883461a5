import { spawn } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { open, pidOf } from '../fixtures/transports/stdio-links.js';
import { call, never, stdioServerFile, stdioTransport } from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';
import { isRunning, openHandles } from '../fixtures/processes/process-table.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

describe('failure 4: the child process dies', () => {
  it('cuts off what is in flight, with exit code and last stderr lines', async () => {
    const link = await open();
    const error = await rejection(call(link, 'exit', { code: 7, stderr: 'out of luck' }));
    expect(error).toMatchObject({ outcome: 'cutOff' });
    const { error: why } = await link.closed;
    expect(why).toMatchObject({ code: 'LINK_LOST', details: { exitCode: 7, signal: null, stderr: ['out of luck'] } });
    expect(why?.message).toMatch(
      /^guard: the MCP server \(stdio node .*\) exited with code 7\. Last lines of its stderr:\nout of luck$/,
    );
  });

  it('names the signal that ended it', async () => {
    const link = await open();
    await rejection(call(link, 'crash'));
    expect((await link.closed).error).toMatchObject({ details: { exitCode: null, signal: 'SIGKILL' } });
  });

  it('takes no more requests afterwards', async () => {
    const link = await open();
    await rejection(call(link, 'crash'));
    await link.closed;
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'notSent' });
  });

  it('rejects the opening when it dies during the handshake, with the last 20 lines', async () => {
    const error = await rejection(stdioTransport({ DIE_AT_START: 'no licence' }).open(never));
    expect(error).toMatchObject({ code: 'LINK_LOST', details: { exitCode: 3 } });
    expect((error as Error).message.split('\n').slice(1)).toEqual([
      ...Array.from({ length: 19 }, (_, n) => `starting ${n + 11}`),
      'fatal: no licence',
    ]);
  });
});

describe('a server that closes its standard output', () => {
  it('and lives on has ended its link, and is ended', async () => {
    const link = await open();
    const pid = await pidOf(link);
    expect(await rejection(call(link, 'close-stdout', { stderr: 'going quiet' }))).toMatchObject({ outcome: 'cutOff' });
    const { error } = await link.closed;
    expect(error).toMatchObject({ code: 'LINK_LOST' });
    expect(error?.message).toMatch(
      /^guard: the MCP server \(stdio node .*\) closed its standard output\. Last lines of its stderr:\ngoing quiet$/,
    );
    await link.close();
    expect(isRunning(pid)).toBe(false);
  });

  it('through a filter that died is no different', async () => {
    // The shell itself must not hold the standard output that its filter writes to.
    const script = `exec 4<&0; "${process.execPath}" "${stdioServerFile}" <&4 | sh -c 'echo $$ >&2; exec cat' & exec >/dev/null; wait`;
    const logger = recordingLogger();
    const link = await open({}, { logger, server: { cmd: ['sh', '-c', script] } });
    process.kill(Number(logger.lines.find(({ fields }) => 'stderr' in fields)?.fields.stderr), 'SIGKILL');
    expect((await link.closed).error?.message).toContain('closed its standard output');
  });
});

describe('failure 6: orphans', () => {
  it('ends the whole process group, also those that ignore SIGTERM', async () => {
    const link = await open({}, { terminateGraceMs: 300 });
    const { structuredContent } = await call(link, 'grandchild');
    const { pids } = structuredContent as { pids: number[] };
    expect(pids.map(isRunning)).toEqual([true, true, true]);
    await link.close();
    expect(pids.map(isRunning)).toEqual([false, false, false]);
    expect(await link.closed).toEqual({});
  });

  it('ends a server that ignores both the end of its input and SIGTERM', async () => {
    const link = await open({ IGNORE_SIGTERM: '1' }, { terminateGraceMs: 300, leaveMs: 50 });
    const pid = await pidOf(link);
    await link.close();
    expect(isRunning(pid)).toBe(false);
  });

  it('closes in bounded time when a server cannot be ended, and says so', async () => {
    const before = openHandles();
    const logger = recordingLogger();
    const link = await open({ IGNORE_SIGTERM: '1' }, { logger, terminateGraceMs: 50, leaveMs: 50 });
    const pid = await pidOf(link);
    // Only the refusal is made up: a child of another user's would need a second user to run these tests.
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    try {
      await link.close();
    } finally {
      kill.mockRestore();
    }
    expect(isRunning(pid)).toBe(true);
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'MCP server cannot be ended; it is left behind' }),
    );
    await eventually('the end of all handles', () => openHandles().length <= before.length);
    process.kill(pid, 'SIGKILL');
    await eventually('its end', () => !isRunning(pid));
  });

  it('ends what a dead server leaves behind', async () => {
    const link = await open({}, { terminateGraceMs: 300 });
    const { structuredContent } = await call(link, 'grandchild');
    const { pids } = structuredContent as { pids: number[] };
    await rejection(call(link, 'crash'));
    await link.closed;
    await eventually('the end of the group', () => pids.every((pid) => !isRunning(pid)));
  });

  it.each(['exit', 'SIGTERM', 'SIGINT'])(
    'ends the children when this process ends without closing (%s)',
    async (how) => {
      const script = `
      import { stdioTransport, call, never } from './test/fixtures/transports/transports.ts';
      const link = await stdioTransport({ IGNORE_SIGTERM: '1' }).open(never);
      console.log((await call(link, 'pid')).structuredContent.pid);
      if (process.env.HOW === 'exit') process.exit(0);
      setInterval(() => {}, 1000);
    `;
      const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        env: { ...process.env, HOW: how },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = new Promise((resolve) => owner.once('exit', (code, signal) => resolve(signal ?? code)));
      const pid = await new Promise<number>((resolve) =>
        owner.stdout.once('data', (chunk: Buffer) => resolve(Number(String(chunk)))),
      );
      expect(pid).toBeGreaterThan(1);
      if (how !== 'exit') owner.kill(how === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
      expect(await exited).toBe(how === 'exit' ? 0 : how);
      await eventually('the end of the child', () => !isRunning(pid));
    },
  );

  it('leaves no handle and no listener behind', async () => {
    const before = openHandles();
    const listeners = process.listenerCount('exit') + process.listenerCount('SIGTERM');
    const link = await open();
    await call(link, 'echo');
    await link.close();
    await link.close();
    await eventually('the end of all handles', () => openHandles().length <= before.length);
    expect(process.listenerCount('exit') + process.listenerCount('SIGTERM')).toBeLessThanOrEqual(listeners);
  });
});
