import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { SignsOfLife } from '../../src/connection/signs-of-life.js';
import { createUnixTransport } from '../../src/transports/unix/unix-transport.js';
import { ScriptedServer } from '../fixtures/unix/scripted-server.js';

it('a ping is given up when another answer comes first', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gc-unix-'));
  const path = join(folder, 's');
  const server = new ScriptedServer();
  await server.listen(path);
  const never = new AbortController().signal;
  const link = await createUnixTransport({ path }).open(never);
  const life = new SignsOfLife();
  const asking = life.ask(link, never);
  await vi.waitFor(() => expect(server.clients).toBe(2));
  life.heard();
  await asking;
  // The server has not answered it, and never will.
  await vi.waitFor(() => expect(server.clients).toBe(1));
  await link.close();
  await server.close();
  await rm(folder, { recursive: true });
});
