import type { McpCall } from '../../serving/mcp/mcp-service.js';
import { RpcError } from '../../serving/mcp/rpc-error.js';
import { type CallListener, RpcRefusal } from '../../transports/transport.js';

/** Severities of MCP, the least severe first. */
const severities = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** Brings what a server says and asks during a call to the client whose call it is, and to nobody else. */
export function listenerOf(call: McpCall): CallListener {
  return {
    owner: call.caller.client,
    notification: (notification) => {
      if (notification.method === 'notifications/message' && isBelow(notification.params?.['level'], call)) return;
      call.notify({ method: notification.method, ...(notification.params && { params: { ...notification.params } }) });
    },
    ask: async (question, signal) => {
      try {
        return await call.ask(
          { method: question.method, ...(question.params && { params: { ...question.params } }) },
          signal,
        );
      } catch (error) {
        if (error instanceof RpcError) throw new RpcRefusal(error.code, error.message, error.data);
        throw error;
      }
    },
  };
}

/** A client that has not said how much it wants to hear hears all of it. */
function isBelow(level: unknown, { caller }: McpCall): boolean {
  return (
    caller.logLevel !== undefined &&
    typeof level === 'string' &&
    severities.indexOf(level) < severities.indexOf(caller.logLevel)
  );
}
