import type { ConnectionContext, RefusalReason } from '../../machines/index.js';
import { GatechartError } from '../errors.js';

/** Which connection it is, and where it leads. */
interface ConnectionPlace {
  readonly name: string;
  readonly transport: { readonly target: string };
}

/**
 * The error of a call that gets no link.
 *
 * @param name what the connection is called in messages
 * @param place its name is the one in the list of connections
 */
export function connectionRefusal(
  name: string,
  { name: connection, transport: { target } }: ConnectionPlace,
  reason: RefusalReason,
  { lastError, settings, waiting }: ConnectionContext,
): GatechartError {
  const last = lastError === undefined ? '' : ` The last error was: ${withoutName(lastError.message, name)}`;
  const details = { connection, target };
  switch (reason) {
    case 'full':
      return new GatechartError(
        'QUEUE_FULL',
        `${waiting.length} calls wait for ${name} already, and no more may (limit ${settings.maxWaiting}).${last}`,
        { cause: lastError, details },
      );
    case 'failed':
      return new GatechartError('CONNECTION_FAILED', `${name} (${target}) cannot be reached.${last}`, {
        cause: lastError,
        details,
      });
    case 'closed':
      return connectionClosed(name, target);
  }
}

/** The error of a call over a connection that its owner has closed. */
export function connectionClosed(name: string, target: string): GatechartError {
  const details = { connection: name, target };
  return new GatechartError('CONNECTION_CLOSED', `The connection to ${name} is closed.`, { details });
}

/** The words of a transport, which begin with the name that the sentence around them has already. */
function withoutName(message: string, name: string): string {
  const lead = `${name}: `;
  return message.startsWith(lead) ? message.slice(lead.length) : message;
}
