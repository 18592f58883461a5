import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/time/clock.js';
import type { StdioTransportOptions } from '../../src/transports/stdio/stdio-options.js';
import { createStdioTransport } from '../../src/transports/stdio/stdio-transport.js';
import { never } from '../fixtures/transports/transports.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection } from '../fixtures/waiting.js';

describe('what a stdio server is started from', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gatechart-scripts-'));
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const start = (server: StdioTransportOptions['server']) =>
    createStdioTransport({
      name: 'guard',
      server,
      processEnv: process.env,
      logger: recordingLogger(),
      clock: systemClock,
    });

  afterEach(() => rmSync(join(dir, 'plain'), { force: true }));

  it.each([
    ['guard.py', 'import sys, os\nprint("python", file=sys.stderr)\nsys.exit(4)\n', 'python'],
    ['guard.sh', 'echo shell >&2; exit 4\n', 'shell'],
  ])('runs %s with its interpreter, found relative to cwd', async (name, text, said) => {
    write(name, text);
    const error = await rejection(start({ script: name, cwd: dir }).open(never));
    expect(error).toMatchObject({ code: 'LINK_LOST', details: { exitCode: 4, stderr: [said] } });
  });

  it('runs any other script itself', async () => {
    const script = write('plain', '#!/bin/sh\necho itself >&2; exit 4\n');
    chmodSync(script, 0o755);
    expect(await rejection(start({ script }).open(never))).toMatchObject({ details: { stderr: ['itself'] } });
  });

  it.each([
    [{ script: '/no/such/server.py' }, 'guard: Server script /no/such/server.py does not exist.'],
    [
      { script: 'plain', cwd: dir },
      `guard: Server script ${join(dir, 'plain')} must be executable. Make it so (chmod +x), or start it with cmd: [node, plain].`,
    ],
    [{ cmd: [] }, 'guard: STDIO cmd must be a non-empty list of non-empty strings.'],
    [{ cmd: ['node', ' '] }, 'guard: STDIO cmd must be a non-empty list of non-empty strings.'],
    [{}, 'guard: STDIO transport requires script or cmd; give one of them.'],
    [
      { cmd: ['no-such-command'], cwd: dir },
      `guard: cannot start 'no-such-command' in ${dir}: not found (the command, or the folder it is to run in).`,
    ],
    [
      { cmd: ['/etc/hostname/server'], cwd: dir },
      `guard: cannot start '/etc/hostname/server' in ${dir}: a file stands where a folder is needed (on the way to the command, or as the folder it is to run in).`,
    ],
    [
      { cmd: ['node'], cwd: '/etc/hostname' },
      "guard: cannot start 'node' in /etc/hostname: a file stands where a folder is needed (on the way to the command, or as the folder it is to run in).",
    ],
    [
      { cmd: [dir], cwd: dir },
      `guard: cannot start '${dir}' in ${dir}: permission is denied (to execute the command, or to enter the folder it is to run in).`,
    ],
    [
      { cmd: ['node', 'a', 'sesame\0'], cwd: dir },
      `guard: cannot start 'node' in ${dir}: argument 2 has a null character, which no process can be given.`,
    ],
    [
      { cmd: ['node'], cwd: dir, env: { KEY: 'sesame\0' } },
      `guard: cannot start 'node' in ${dir}: the variable KEY has a null character, which no process can be given.`,
    ],
    [
      { cmd: ['n\0'], cwd: dir },
      `guard: cannot start 'n\0' in ${dir}: the command has a null character, which no process can be given.`,
    ],
    [
      { cmd: ['node'], cwd: `${dir}\0` },
      `guard: cannot start 'node' in ${dir}\0: the folder it is to run in has a null character, which no process can be given.`,
    ],
    [
      { cmd: ['x'.repeat(5_000)], cwd: dir },
      `guard: cannot start '${'x'.repeat(200)}… (5000 characters)' in ${dir}: the path of the command is longer than the system allows.`,
    ],
  ])('refuses %j', async (server, message) => {
    writeFileSync(join(dir, 'plain'), 'echo', { mode: 0o644 });
    expect(await rejection(start(server).open(never))).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message });
  });

  it('refuses arguments and an environment that the system does not take, by their sizes', async () => {
    for (const server of [
      { cmd: ['node', 'x'.repeat(3_000_000)] },
      { cmd: ['node'], env: { A: 'x'.repeat(3_000_000) } },
    ]) {
      expect(await rejection(start(server).open(never))).toMatchObject({
        code: 'PLUGIN_LOAD_FAILED',
        message: expect.stringMatching(
          /^guard: cannot start 'node' in .*: the command and its arguments have \d+ bytes, and its environment \d+, in all or in one of them more than the system allows\.$/,
        ),
        details: { connection: 'guard', command: 'node' },
      });
    }
  });

  it('shows no options in its target, they may hold secrets', () => {
    expect(start({ cmd: ['/usr/bin/node', 'server.js', '--token', 'secret'] }).target).toBe('stdio node server.js …');
    expect(start({ cmd: ['env', 'API_KEY=s3cret', 'node', 'server.js'] }).target).toBe('stdio env …');
    expect(start({ cmd: ['mcp-remote', 'https://me:pw@host/mcp?token=secret'] }).target).toBe('stdio mcp-remote …');
    expect(start({ cmd: ['npx', '-y', 'server'] }).target).toBe('stdio npx …');
    expect(start({ script: 'guard.py' }).target).toBe('stdio guard.py');
  });
});
