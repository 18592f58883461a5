import { createManager, type PluginInput, type PluginManager, silentLogger } from 'gatechart';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const config = fileURLToPath(new URL('server/counting.yaml', import.meta.url));

/** A server that does as little as one can, with a plugin of that kind; `stdio`, or `http` and a port. */
export const countingEnd = fileURLToPath(new URL('server/counting-end.js', import.meta.url));

/** The arguments of Node for a server of ours with a plugin that changes every payload. */
export const serveCounting = (...args: string[]): string[] => [cli, 'plugin-server', '--config', config, ...args];

export function countingManager(mcp: PluginInput['mcp']): Promise<PluginManager> {
  const plugins = [{ name: 'Counting', kind: 'external', mcp }];
  return createManager({ config: { plugins }, logger: silentLogger, env: process.env });
}

const context = { requestId: 'request-1' };

let counted = 0;

/** Another one each time, so that nobody can answer from what came before. */
function nextPayload(): { name: string; args: { message: string; count: number } } {
  counted++;
  return { name: 'echo', args: { message: `hello, for the time number ${counted}`, count: counted } };
}

/** One hook over our transport; nothing counts that was not really done. */
export const hookCall = (manager: PluginManager) => async (): Promise<void> => {
  const payload = nextPayload();
  const { modifiedPayload } = await manager.invokeHook('tool_pre_invoke', payload, context);
  check(modifiedPayload, payload.args.count);
};

/** The same as the parameters of `tools/call`, and what checks the result. */
export function nextToolCall(): {
  params: { name: string; arguments: Record<string, unknown> };
  readonly checkResult: (result: unknown) => void;
} {
  const payload = nextPayload();
  return {
    params: {
      name: 'invoke_hook',
      arguments: {
        hook_type: 'tool_pre_invoke',
        plugin_name: 'Counting',
        payload,
        context: { state: {}, global_context: { request_id: 'request-1', state: {}, metadata: {} }, metadata: {} },
      },
    },
    checkResult: (result) => {
      const { content } = result as { content?: { text?: string }[] };
      const answer = JSON.parse(content?.[0]?.text ?? '{}') as { result?: { modified_payload?: unknown } };
      check(answer.result?.modified_payload, payload.args.count);
    },
  };
}

function check(changed: unknown, count: number): void {
  const { args } = (changed ?? {}) as { args?: { count?: unknown } };
  if (args?.count !== count + 1) throw new Error(`a wrong answer to ${count}: found ${JSON.stringify(changed)}`);
}
