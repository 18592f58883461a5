import { guardClient } from 'gatechart';

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
  /** @type {import('gatechart').HookOutcome[]} */
  const outcomes = [];
  const guarded = guardClient(tools, manager, () => context, { onOutcome: (outcome) => void outcomes.push(outcome) });
  const answer = /** @type {{ content: { text?: string }[] }} */ (await guarded.callTool({ name, arguments: args }));

  const [before, after] = outcomes;
  const metadata = { ...before?.metadata, ...after?.metadata };
  if (before?.violation !== undefined) return { outcome: 'blocked', sent: args, violation: before.violation, metadata };
  const changed = /** @type {import('gatechart').ToolPreInvokePayload | undefined} */ (before?.modifiedPayload);
  return {
    outcome: changed === undefined ? 'allowed' : 'modified',
    sent: changed === undefined ? args : changed.args,
    text: answer.content[0]?.text,
    metadata,
  };
}
