import { expect, test } from 'vitest';
import { createServerSet } from '../../src/downstream/create-server-set.js';
import { RecordingLogger } from '../../src/testing/index.js';

const everything = {
  command: process.execPath,
  args: ['node_modules/@modelcontextprotocol/server-everything/dist/index.js', 'stdio'],
};

test('a server is started by the first call, and tells its tools, prompts and resources', async () => {
  const logger = new RecordingLogger();
  const set = await createServerSet({ servers: { mcpServers: { everything } }, logger });
  try {
    expect(set.names()).toEqual(['everything']);
    expect(set.status()[0]).toMatchObject({ state: 'asleep', sessions: 0, tools: undefined });
    const result = await set.callTool('everything', { name: 'echo', arguments: { message: 'hello' } });
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'Echo: hello' }] });
    const tools = await set.list('everything', 'tools');
    expect(tools).toMatchObject({ isStale: false });
    expect(tools.items.map(({ name }) => name)).toContain('echo');
    expect((await set.list('everything', 'resources')).items.length).toBeGreaterThan(0);
    expect((await set.list('everything', 'resourceTemplates')).items.length).toBeGreaterThan(0);
    expect((await set.list('everything', 'prompts')).items.length).toBeGreaterThan(0);
    expect(set.status()[0]).toMatchObject({ state: expect.stringMatching(/^ready/), sessions: 1, restarts: 0 });
    expect(set.peer('everything')?.capabilities.tools).toBeDefined();
  } finally {
    await set.close();
  }
  expect(set.status()[0]).toMatchObject({ sessions: 0 });
  await expect(set.callTool('everything', { name: 'echo' })).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
});
