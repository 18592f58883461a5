import type { McpCall, McpRequest } from '../../serving/mcp/mcp-service.js';
import { RpcError } from '../../serving/mcp/rpc-error.js';
import { type CallListener, RpcRefusal, type ServerQuestion } from '../../transports/transport.js';
import { isBelow } from '../clients/log-levels.js';

/** Brings what a server says and asks during a call to the client whose call it is, and to nobody else. */
export function listenerOf(call: McpCall): CallListener {
  return {
    owner: call.caller.client,
    notification: ({ method, params }) => {
      if (method === 'notifications/message' && isBelow(params?.['level'], call.caller.logLevel)) return;
      call.notify({ method, ...(params && { params: { ...params } }) });
    },
    ask: (question, signal) => answerOf((asked) => call.ask(asked, signal), question),
  };
}

/** Asks a client what a server asks. @throws RpcRefusal what the client answered instead */
export async function answerOf(
  ask: (question: McpRequest) => Promise<Readonly<Record<string, unknown>>>,
  { method, params }: ServerQuestion,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await ask({ method, ...(params && { params: { ...params } }) });
  } catch (error) {
    if (error instanceof RpcError) throw new RpcRefusal(error.code, error.message, error.data);
    throw error;
  }
}
