import { randomUUID } from 'node:crypto';
import { outcomeOf } from '../../guard/guarded-call.js';
import { blockText } from '../../guard/blocked-call.js';
import type { Listed } from '../../downstream/server-set-api.js';
import type { PluginManager } from '../../manager/plugin-manager.js';
import type { Logger } from '../../observability/logger.js';
import { acceptListResult } from './list-result.js';
import type { OfferStage } from './tool-offers.js';

const hook = 'tool_list_post';

/** Runs the hook over what agents are about to be shown. Its word holds for calls too: what it takes away cannot be called. */
export function listHookStage(plugins: PluginManager | undefined, logger: Logger): OfferStage {
  const isOn = (): boolean => plugins?.hasHooksFor(hook) === true;
  return {
    isOn,
    dependsOnViewer: isOn,
    refusal: (tool, server) => `Tool '${tool}' of server '${server}' is not offered by this gateway`,
    offer: async ({ agent, user }, server, tools) => {
      if (plugins === undefined) return tools;
      const context = { requestId: randomUUID(), serverId: server, ...(user !== undefined && { user }) };
      const extensions = agent === undefined ? {} : { extensions: { agent: { agentId: agent } } };
      const payload = { server, tools: tools.map((tool) => ({ ...tool })) };
      const outcome = await outcomeOf(plugins.invokeHook(hook, payload, context, extensions));
      if (!outcome.continueProcessing) {
        logger.warn({ server, agent }, `the tools of ${server} are not offered: ${blockText(outcome.violation)}`);
        return [];
      }
      if (outcome.modifiedPayload === undefined) return tools;
      const { tools: accepted, refused } = acceptListResult(tools, outcome.modifiedPayload.tools);
      for (const sentence of refused) logger.warn({ server, agent }, sentence);
      return accepted satisfies readonly Listed[];
    },
  };
}
