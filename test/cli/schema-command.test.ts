import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { printSchema, schemaKinds } from '../../src/cli/schema.js';

async function run(kind: string) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({ write: (text: string) => void (written[name] += text) });
  const code = await printSchema(kind, { stdout: stream('stdout'), stderr: stream('stderr'), env: {} });
  return { code, ...written };
}

test.each(schemaKinds)('the schema of %s is printed as it is shipped', async (kind) => {
  expect(await run(kind)).toEqual({ code: 0, stdout: readFileSync(`dist/schemas/${kind}.json`, 'utf8'), stderr: '' });
});

test('of other files there is none', async () => {
  for (const kind of ['plugin', '../package', '']) {
    const { code, stdout, stderr } = await run(kind);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`there is no schema ${JSON.stringify(kind)}; expected one of plugins, servers, rules, http\n`);
  }
});
