import { definePlugin, type PluginDefinition } from 'gatechart';

/** Finds the owner of a tool; undefined if it has none. */
export type Directory = (tool: string, signal: AbortSignal) => Promise<string | undefined>;

/**
 * Asks a directory who owns a tool, and blocks the call if nobody does. The directory is a parameter, so that
 * a test can put its own in its place.
 */
export function ownerCheck(find: Directory): PluginDefinition {
  return definePlugin({
    hooks: {
      async tool_pre_invoke({ name }, { state, signal }) {
        const owner = await find(name, signal);
        if (owner === undefined) {
          const violation = { reason: 'No owner', description: `${name} belongs to nobody`, code: 'NO_OWNER' };
          return { continueProcessing: false, violation };
        }
        state['owner'] = owner;
        return { metadata: { owner } };
      },
    },
  });
}
