import { describe, expect, it } from 'vitest';
import { callTool, external, start, stdio } from '../fixtures/manager/managers.js';

const config = external(stdio({}, { replay: 'never' }));

const pidOf = async (manager: Parameters<typeof callTool>[0]) => (await callTool(manager, 'pid')).metadata['pid'];

describe('a child process that dies under a call', () => {
  it('is told with its exit code and the last lines of its stderr, and replaced', async () => {
    const manager = await start({ config });
    const before = await pidOf(manager);
    await expect(callTool(manager, 'exit', { code: 7, stderr: 'out of luck' })).rejects.toMatchObject({
      code: 'CALL_OUTCOME_UNKNOWN',
      message: expect.stringMatching(
        /^Plugin Guard: The call to Guard was cut off and may or may not have been executed: Guard: the MCP server \(stdio .*\) exited with code 7\. Last lines of its stderr:\nout of luck$/,
      ),
    });
    expect(await pidOf(manager)).not.toBe(before);
    expect(manager.connections[0]).toMatchObject({ name: 'Guard', state: expect.stringMatching(/^ready/) });
  });

  it('is told with the signal that ended it', async () => {
    const manager = await start({ config });
    await expect(callTool(manager, 'crash')).rejects.toThrow(/was ended by SIGKILL|SIGKILL/);
    expect(await pidOf(manager)).toBeTypeOf('number');
  });
});

it('a child process that dies between two calls costs none of them anything', async () => {
  const manager = await start({ config: external(stdio()) });
  const before = Number(await pidOf(manager));
  process.kill(before, 'SIGKILL');
  expect(await pidOf(manager)).not.toBe(before);
});

it('a child process that dies before it is ready says why in the error of the start', async () => {
  const dying = external(stdio({ DIE_AT_START: 'no licence' }, { reconnect_attempts: 2 }));
  await expect(start({ config: dying })).rejects.toMatchObject({
    code: 'PLUGIN_LOAD_FAILED',
    message: expect.stringMatching(
      /^External plugin Guard at stdio .* did not give its configuration: .*exited with code 3\. Last lines of its stderr:\n(starting \d+\n){19}fatal: no licence$/s,
    ),
  });
});
