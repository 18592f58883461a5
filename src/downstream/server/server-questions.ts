import type { CancelSignal } from '../../time/cancellation.js';
import type { McpResponse } from '../../transports/mcp/mcp-messages.js';
import { type CallListener, RpcRefusal, type ServerQuestion } from '../../transports/transport.js';
import type { ServerEntry } from '../server-entry.js';
import type { Session } from '../sessions/session.js';

const methodNotFound = -32601;

/**
 * Answers what a server asks outside of every call. Only on a session of one client's own can it be told whom it means;
 * roots that stand in the entry are no secret of anybody.
 *
 * @throws RpcRefusal
 */
export async function answerQuestion(
  entry: ServerEntry,
  session: Session,
  question: ServerQuestion,
  signal: CancelSignal,
): Promise<McpResponse> {
  if (question.method === 'roots/list' && entry.roots !== undefined) return { roots: entry.roots };
  const { ask } = session.terms.client === undefined ? {} : session.caller;
  if (ask !== undefined) return ask(question, signal);
  throw new RpcRefusal(
    methodNotFound,
    `${question.method} belongs to no call, so that it cannot be told which client it is for`,
  );
}

/** Roots that stand in the entry are those of every session, whatever client a call belongs to. */
export function withRootsOf({ roots }: ServerEntry, listener: CallListener): CallListener {
  if (roots === undefined) return listener;
  return {
    owner: listener.owner,
    notification: (notification) => listener.notification(notification),
    ask: async (question, signal) => (question.method === 'roots/list' ? { roots } : listener.ask(question, signal)),
  };
}
