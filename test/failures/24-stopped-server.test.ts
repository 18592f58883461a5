import { describe, expect, it } from 'vitest';
import { callTool } from '../fixtures/manager/managers.js';
import { connectGuard } from '../fixtures/hosting/served-guard.js';
import { cleanups } from '../fixtures/cleanups.js';
import { rejection, until } from '../fixtures/waiting.js';

const connection = { suspectAfter: 3, pingTimeoutMs: 1_000, cooldownMs: 300, maxCooldownMs: 300 };

describe.each(['stdio', 'http', 'unix', 'grpc'])('a server that is stopped (%s)', (transport) => {
  it('is suspected after three calls, asked, and found again when it goes on', async () => {
    const { manager, pid, pidOf } = await connectGuard(transport, {
      settings: { plugin_timeout: 1 },
      // A process takes its time to start; a server that stands still would take all the time there is.
      connection: { ...connection, connectTimeoutMs: transport === 'stdio' ? 15_000 : 1_000 },
    });
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
      await until('another process answers', async () => (await pidOf().catch(() => pid)) !== pid);
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
    await until('it is found again', async () => (await pidOf().catch(() => undefined)) === pid);
    expect(state()).toMatch(/^ready/);
  }, 40_000);

  it('is told from one that is only slow: its calls go on', async () => {
    const { manager, pid, pidOf, states } = await connectGuard(transport, { connection });
    const long = callTool(manager, 't', { ms: 3_000 });
    const late = [1, 2, 3].map(() =>
      rejection(callTool(manager, 't', { ms: 60_000 }, { signal: AbortSignal.timeout(300) })),
    );
    await Promise.all(late);
    expect((await long).metadata['pid']).toBe(pid);
    expect(await pidOf()).toBe(pid);
    expect(states().slice(-3)).toEqual(['ready', 'suspect', 'ready']);
  }, 40_000);
});
