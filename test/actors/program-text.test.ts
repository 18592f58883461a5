import { expect, test } from 'vitest';
import { invocationMachine } from '../../machines/index.js';
import { machineTable } from '../../docs/generate/programs/machine-table.js';
import { programText } from '../../docs/generate/programs/program-text.js';

test('where a machine chooses its beginning, the last choice has no return behind it', () => {
  const place = { name: 'invocation', path: 'src/a/program.ts', machineFile: 'invocation.machine.ts' };
  const text = programText(machineTable(invocationMachine), place);

  const begin = /^ {2}begin\(.*\n([^]*?)^ {2}\},/m.exec(text)?.[1] ?? '';
  const lines = begin.trim().split('\n');
  expect(lines.filter((line) => line.trim() === 'return;')).toHaveLength(2);
  expect(lines.at(-1)?.trim()).toBe('enterCompleted(actor, context, event, effects);');
});
