import { createServer } from 'node:http';
import { createManager, silentLogger } from 'gatechart';

// A service for the plugin that asks one.
const service = createServer((request, response) => {
  response.end(JSON.stringify({ score: request.url?.includes('evil') ? -1 : 1 }));
});
await new Promise((resolve) => service.listen(0, '127.0.0.1', () => resolve(undefined)));
const address = service.address();
const port = typeof address === 'object' ? address?.port : undefined;

const manager = await createManager({
  config: `${import.meta.dirname}/plugins.yaml`,
  env: { ...process.env, REPUTATION_URL: `http://127.0.0.1:${port}/` },
  logger: silentLogger,
});

/** @param {import('gatechart').HookOutcome} outcome */
const print = ({ violation, metadata }) => console.log(violation?.description ?? 'allowed', metadata);

const context = { requestId: '1', user: 'ada' };
for (const text of ['hello', 'a secret', 'hello', 'hello']) {
  print(await manager.invokeHook('tool_pre_invoke', { name: 'echo', args: { text } }, context));
}
for (const host of ['good', 'evil']) {
  const request = { requestId: host, state: {} };
  print(await manager.invokeHook('resource_pre_fetch', { uri: `https://${host}.example/` }, request));
  console.log(request.state);
}
const extensions = { request: { traceId: '0af7651916cd43dd' }, security: { labels: ['internal'] } };
const answer = { name: 'who', result: 'ada@example.org' };
const labelled = await manager.invokeHook('tool_post_invoke', answer, context, { extensions });
console.log(labelled.metadata, labelled.modifiedExtensions?.security);

await manager.close();
service.close();
