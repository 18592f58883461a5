import { expect, test } from 'vitest';
import { readPages } from '../../src/downstream/lists/list-pages.js';
import { RecordingLogger } from '../../src/testing/index.js';

test('a tool that is nested without end is left out, and the rest of the list is there', async () => {
  const deep: unknown = JSON.parse(`${'['.repeat(60_000)}${']'.repeat(60_000)}`);
  const logger = new RecordingLogger();
  const tools = [{ name: 'a' }, { name: 'b', inputSchema: { deep } }];
  expect(await readPages('server', 'tools', async () => ({ tools }), logger)).toEqual([{ name: 'a' }]);
  expect(logger.lines('warn')).toEqual([expect.stringContaining('nested too deeply')]);
});
