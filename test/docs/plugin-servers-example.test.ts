import { describe, expect, it } from 'vitest';
import { isRunning } from '../fixtures/processes/process-table.js';
import { watchedRun } from '../fixtures/processes/watched-run.js';
import { until } from '../fixtures/waiting.js';

interface Line {
  readonly event: string;
  readonly atMs: number;
  readonly [key: string]: unknown;
}

const program = 'docs/examples/plugin-servers/main.js';

describe('the example of plugin servers', () => {
  it('shows allowed, modified and blocked calls, survives a killed server, loses nothing and leaves nothing', {
    timeout: 60_000,
  }, async () => {
    const { code, stdout, stderr, computedSeconds, pids } = await watchedRun(program, '--json');
    const lostCalls = stdout.split('\n').filter((line) => line.includes('is lost'));
    expect({ code, stderr, lostCalls }).toEqual({ code: 0, stderr: '', lostCalls: [] });
    // It is to be over in 20 seconds. The clock on the wall would also show what the machine does beside it.
    expect(computedSeconds).toBeGreaterThan(0);
    expect(computedSeconds).toBeLessThan(20);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const calls = lines.filter(({ event }) => event === 'call');
    expect(calls.find(({ outcome }) => outcome === 'allowed')).toMatchObject({ text: 'Echo: hello' });
    const modified = calls.find(({ outcome }) => outcome === 'modified');
    expect(JSON.stringify(modified)).toContain('[redacted]');
    expect(JSON.stringify(modified)).not.toMatch(/ada@example\.org|4111/);
    expect(calls.filter(({ outcome }) => outcome === 'blocked')).toMatchObject([
      { violation: { pluginName: 'DenyList', reason: expect.any(String), code: expect.any(String) } },
      { violation: { pluginName: 'SizeGuard', code: 'ARGUMENTS_TOO_LONG' } },
    ]);

    const states = lines.filter(({ event, connection }) => event === 'state' && connection === 'SizeGuard');
    const names = states.map(({ state }) => String(state).split('.')[0]);
    const lost = names.indexOf('reconnecting');
    expect(lost).toBeGreaterThan(names.indexOf('ready'));
    expect(names.slice(lost)).toContain('ready');
    // Why it was lost, in words.
    expect(states[lost]).toMatchObject({ why: expect.stringContaining('127.0.0.1') });
    expect(lines.filter(({ event }) => event === 'note').map(({ text }) => text)).toEqual([
      expect.stringMatching(/SizeGuard's server killed \(SIGKILL\)$/),
      "SizeGuard's server started again",
    ]);

    const summary = lines.find(({ event }) => event === 'summary');
    expect(summary).toMatchObject({ calls: 400, answered: 400, lost: 0 });
    expect(pids.length).toBeGreaterThan(2);
    await until('every process is gone', () => !pids.some(isRunning));
  });

  it('shows the same to people', { timeout: 60_000 }, async () => {
    const { code, stdout, stderr } = await watchedRun(program);
    const lostCalls = stdout.split('\n').filter((line) => line.includes('is lost'));
    expect({ code, stderr, lostCalls }).toEqual({ code: 0, stderr: '', lostCalls: [] });
    for (const shown of ['allowed', 'modified', 'blocked', 'reconnecting', 'ready', 'Summary']) {
      expect(stdout).toContain(shown);
    }
    expect(stdout).toMatch(/lost/);
  });
});
