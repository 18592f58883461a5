import { expect, test } from 'vitest';
import { createServerSet } from '../../src/downstream/create-server-set.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { startHttpServer } from '../fixtures/downstream/http-server.js';

test('a server over HTTP is called, and found again when it has forgotten the session', async () => {
  await using server = await startHttpServer();
  await using set = await createServerSet({
    servers: { mcpServers: { web: { type: 'http', url: server.url } } },
    logger: new RecordingLogger(),
  });
  const call = { name: 'count', arguments: {} };
  expect(await set.callTool('web', call)).toMatchObject({ content: [{ text: '1' }] });
  expect(await set.callTool('web', call)).toMatchObject({ content: [{ text: '2' }] });
  server.forgetSessions();
  expect(await set.callTool('web', call)).toMatchObject({ content: [{ text: '3' }] });
  expect(set.status()[0]).toMatchObject({ restarts: 1, target: server.url, state: expect.stringMatching(/^ready/) });
});
