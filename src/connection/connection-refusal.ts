import type { ConnectionContext, RefusalReason } from '../../machines/index.js';
import { GatechartError } from '../errors.js';

/** What a connection is called. */
export interface ConnectionNames {
  /** In messages. */
  readonly name: string;
  /** In the list of connections. */
  readonly connection: string;
  readonly target: string;
}

/** The error of a call that gets no link. */
export function connectionRefusal(
  { name, connection, target }: ConnectionNames,
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
