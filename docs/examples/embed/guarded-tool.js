import { createManager, silentLogger } from 'gatechart';

const config = `${import.meta.dirname}/plugins.yaml`;
const manager = await createManager({ config, logger: silentLogger });

/**
 * @param {string} name
 * @param {Record<string, unknown>} args
 * @param {(name: string, args: Record<string, unknown>) => Promise<unknown>} callTool
 */
async function guarded(name, args, callTool) {
  const context = { requestId: crypto.randomUUID(), user: 'ada@example.org' };

  const before = await manager.invokeHook('tool_pre_invoke', { name, args }, context);
  if (!before.continueProcessing) return `blocked: ${before.violation?.description}`;

  const call = before.modifiedPayload ?? { name, args };
  const result = await callTool(call.name, call.args ?? {});

  const after = await manager.invokeHook('tool_post_invoke', { name, result }, context, { contexts: before.contexts });
  if (!after.continueProcessing) return `blocked: ${after.violation?.description}`;
  return after.modifiedPayload?.result ?? result;
}

/** @param {string} name @param {Record<string, unknown>} args */
async function tool(name, args) {
  console.log(`  the tool ${name} sees`, args);
  return { said: args['text'] };
}

console.log(await guarded('echo', { text: 'hello' }, tool));
console.log(await guarded('echo', { text: 'pay with 4111111111111111' }, tool));
console.log(await guarded('delete_everything', {}, tool));
await manager.close();
