import { expect, it } from 'vitest';
import { callTool, external, start, stdio } from '../fixtures/manager/managers.js';
import { isRunning } from '../fixtures/processes/process-table.js';
import { rejection } from '../fixtures/waiting.js';

it('a predecessor that takes its time to die is gone before its successor starts, and does not take it along', async () => {
  const manager = await start({ config: external(stdio({ IGNORE_SIGTERM: '1' }, { replay: 'never' })) });
  const first = Number((await callTool(manager, 'pid')).metadata['pid']);
  // So many lines of noise are a protocol error; the process behind them lives on and ignores SIGTERM.
  expect(await rejection(callTool(manager, 'print', { text: 'noise', lines: 500 }))).toMatchObject({
    code: 'CALL_OUTCOME_UNKNOWN',
  });
  const second = Number((await callTool(manager, 'pid')).metadata['pid']);
  expect(second).not.toBe(first);
  expect(isRunning(first)).toBe(false);
  for (let call = 0; call < 10; call++) expect((await callTool(manager, 'pid')).metadata).toEqual({ pid: second });
});
