import { describe, expect, it } from 'vitest';
import { isRunning } from '../fixtures/processes/process-table.js';
import { watchedRun } from '../fixtures/processes/watched-run.js';
import { until } from '../fixtures/waiting.js';

interface ShownEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}

const program = 'docs/examples/quickstart/main.js';

describe('the main job', () => {
  it('shows each kind of call, survives a killed server, follows its rules, loses nothing and leaves nothing', {
    timeout: 60_000,
  }, async () => {
    const { code, stdout, stderr, computedSeconds, pids } = await watchedRun(program, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // It is to be over in 20 seconds. The clock on the wall would also show what the machine does beside it.
    expect(computedSeconds).toBeGreaterThan(0);
    expect(computedSeconds).toBeLessThan(20);
    const { events, summary } = JSON.parse(stdout) as { events: ShownEvent[]; summary: unknown };

    const calls = events.filter(({ event }) => event === 'call');
    expect(calls).toMatchObject([
      { kind: 'allowed', text: 'Echo: hello' },
      { kind: 'modified', text: 'Echo: write to [redacted], card [redacted]' },
      { kind: 'blocked by rule', error: { code: 'DENIED_BY_POLICY', rule: 'agents.assistant.deny.tools.notes[0]' } },
      { kind: 'blocked by plugin', error: { code: 'BLOCKED_BY_PLUGIN', violationCode: 'DENIED_PHRASE' } },
      { kind: 'blocked by rule', error: { code: 'DENIED_BY_POLICY' } },
      { kind: 'allowed', text: 'Note 7 is gone.' },
    ]);

    const states = events.filter(({ event, server }) => event === 'state' && server === 'notes');
    const names = states.map(({ state }) => String(state).split('.')[0]);
    const lost = names.indexOf('reconnecting');
    expect(lost).toBeGreaterThan(names.indexOf('ready'));
    expect(names.slice(lost)).toContain('ready');
    // Why it was lost, in words.
    expect(states[lost]).toMatchObject({ why: expect.stringContaining('127.0.0.1') });
    expect(events.filter(({ event }) => event === 'note').map(({ text }) => text)).toEqual([
      'the agent "assistant" is shown the servers everything and notes',
      'and of notes the tools read_note',
      expect.stringMatching(/: the notes server is killed \(SIGKILL\)$/),
      'the notes server is started again',
      '400 of 400 calls are answered',
      'rules.json is saved: what is denied is now "drop_*"',
      expect.stringMatching(/^in force after \d+ ms$/),
    ]);

    expect(summary).toMatchObject({
      calls: 400,
      answered: 400,
      lost: 0,
      servers: [
        { name: 'everything', restarts: 0 },
        { name: 'notes', restarts: expect.any(Number) },
      ],
    });
    expect(pids.length).toBeGreaterThan(2);
    await until('every process is gone', () => !pids.some(isRunning));
  });

  it('shows the same to people', { timeout: 60_000 }, async () => {
    const { code, stdout, stderr } = await watchedRun(program);
    const lostCalls = stdout.split('\n').filter((line) => line.includes('is lost'));
    expect({ code, stderr, lostCalls }).toEqual({ code: 0, stderr: '', lostCalls: [] });
    for (const shown of ['allowed', 'modified', 'blocked by rule', 'blocked by plugin', 'reconnecting', 'in force']) {
      expect(stdout).toContain(shown);
    }
    expect(stdout).toMatch(/lost/);
  });
});
