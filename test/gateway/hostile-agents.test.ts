import { expect, test } from 'vitest';
import { getServerToolsArguments, readArguments } from '../../src/gateway/faces/on-demand/tool-arguments.js';

test('a pattern that takes long to read is not read', () => {
  const pattern = '['.repeat(100_000);
  expect(() => readArguments('get_server_tools', getServerToolsArguments, { server: 'a', pattern })).toThrow(/pattern/);
});
