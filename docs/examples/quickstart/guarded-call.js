/**
 * One tool call: before it, the plugins may change or block it; after it, they may change the answer.
 *
 * @param {import('gatechart').PluginManager} manager
 * @param {import('@modelcontextprotocol/sdk/client/index.js').Client} tools
 * @param {string} name
 * @param {Record<string, unknown>} args
 */
export async function guardedCall(manager, tools, name, args) {
  const context = { requestId: crypto.randomUUID() };
  const before = await manager.invokeHook('tool_pre_invoke', { name, args }, context);
  const metadata = before.metadata;
  if (!before.continueProcessing) return { outcome: 'blocked', sent: args, violation: before.violation, metadata };

  const payload = before.modifiedPayload ?? { name, args };
  const result = await tools.callTool({ name: payload.name, arguments: payload.args ?? {} });

  const after = await manager.invokeHook('tool_post_invoke', { name, result }, context, { contexts: before.contexts });
  const answer = /** @type {{ content?: { text?: string }[] }} */ (after.modifiedPayload?.result ?? result);
  return {
    outcome: before.modifiedPayload === undefined ? 'allowed' : 'modified',
    sent: payload.args,
    text: answer.content?.[0]?.text,
    metadata: { ...metadata, ...after.metadata },
  };
}
