import { mkdtempSync, rmSync } from 'node:fs';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenOnPort, listenOnSocket } from '../../src/serving/listening.js';

/** A server of a user whom the system lets listen nowhere. */
class DeniedServer extends Server {
  override listen(): this {
    const error = Object.assign(new Error('listen EACCES: permission denied'), { code: 'EACCES' });
    process.nextTick(() => this.emit('error', error));
    return this;
  }
}

describe('listening that the system denies', () => {
  it('on a port says which ports it keeps', async () => {
    await expect(listenOnPort(new DeniedServer(), '0.0.0.0', 443)).rejects.toMatchObject({
      code: 'SERVER_START_FAILED',
      message:
        'Cannot listen on 0.0.0.0:443: listen EACCES: permission denied; the system keeps low ports, below 1024 as a rule, for processes with the right to them: choose a higher port, or give that right (on Linux the capability CAP_NET_BIND_SERVICE)',
    });
  });

  it('on a socket says that its folder is not to be written to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatechart-denied-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'x.sock');
    await expect(listenOnSocket(new DeniedServer(), path)).rejects.toMatchObject({
      message: `Cannot listen on Unix socket ${path}: listen EACCES: permission denied; this user may not write to its folder, give a path in one of its own`,
    });
  });
});
