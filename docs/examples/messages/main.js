import { fileURLToPath } from 'node:url';
import { createManager } from 'gatechart';

const manager = await createManager({
  config: fileURLToPath(new URL('plugins.yaml', import.meta.url)),
});

for (const name of ['search', 'shell']) {
  const outcome = await manager.invokeHook(
    'cmf.llm_output',
    {
      hook: 'llm_output',
      message: {
        schemaVersion: '2.0',
        role: 'assistant',
        content: [
          { contentType: 'text', text: 'Let me look.' },
          { contentType: 'tool_call', content: { toolCallId: '1', name, arguments: { q: 'charts' } } },
        ],
      },
    },
    { requestId: '1' },
  );
  console.log(outcome.continueProcessing ? 'allowed' : outcome.violation?.description);
}
await manager.close();
