import { type ServiceError, status } from '@grpc/grpc-js';
import { GatechartError } from '../../errors.js';
import { maxMessageBytes } from '../../wire/framing/message-size.js';
import { LinkError } from '../transport.js';

/** What is known of a request beside the status it ended with. */
export interface GrpcCircumstances {
  /** The server had begun to answer. */
  readonly answered: boolean;
  /** The connection takes requests; false once it is on its way out. */
  readonly open: boolean;
}

/** Characters of a server's own words that go into a message. */
const quotedLength = 500;

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

/** The words of the client library for a request that has not left it, or that the server's library did not take. */
const neverLeft = ['No connection established', 'Channel closed before call started', 'Stream refused by server'];

/** How the library, here or at the server, says that one message is over its limit. */
const tooLargeWords = /\bmessage\b.*\b(larger than|too large|exceeds)\b/i;

/** What the client library makes of a success without a message. The request was executed, whatever the status is called. */
const noMessage = 'No message received';

/** Whether the server has no such method, which means that the request was not executed. */
export function isUnimplemented(error: unknown): boolean {
  return (
    error instanceof LinkError &&
    isServiceError(error.cause) &&
    error.cause.code === status.UNIMPLEMENTED &&
    error.cause.details !== noMessage
  );
}

/** The client library would say so too, but only once it has opened a stream. */
export function tooLargeToSend(bytes: number): LinkError {
  return tooLarge(`the request has ${bytes} bytes, and may have ${maxMessageBytes}`);
}

function tooLarge(message: string, cause?: unknown): LinkError {
  return new LinkError('refused', message, { cause: new GatechartError('MESSAGE_TOO_LARGE', message, { cause }) });
}

/** Whether the server itself ended the request: what the client library says of its own has no metadata. */
function isServersWord(error: ServiceError, { answered, open }: GrpcCircumstances): boolean {
  if (Object.keys(error.metadata.getMap()).length > 0) return true;
  switch (error.code) {
    case status.UNAVAILABLE:
      // When the connection drops, the link knows before its requests do.
      return open && !neverLeft.some((words) => error.details.startsWith(words));
    case status.CANCELLED:
      return answered && open;
    default:
      return true;
  }
}

/** What became of a request that ended with a status. */
export function outcomeOf(error: ServiceError, circumstances: GrpcCircumstances): LinkError {
  const message = `gRPC status ${statusName(error.code)}: ${quoted(error.details)}`;
  const cause = error;
  if ([status.RESOURCE_EXHAUSTED, status.OUT_OF_RANGE].includes(error.code) && tooLargeWords.test(error.details))
    return tooLarge(message, cause);
  if (isServersWord(error, circumstances)) return new LinkError('refused', message, { cause });
  if (error.code === status.UNAVAILABLE && neverLeft.some((words) => error.details.startsWith(words)))
    return new LinkError(circumstances.open ? 'refused' : 'notSent', message, { cause });
  if (error.code === status.UNAVAILABLE || error.code === status.CANCELLED)
    return new LinkError('cutOff', message, { cause });
  return new LinkError('refused', message, { cause });
}

/** `UNAVAILABLE` for 14. */
function statusName(code: status): string {
  return status[code] ?? String(code);
}

function quoted(details: string): string {
  if (details === '') return 'no reason given';
  return details.length > quotedLength ? `${details.slice(0, quotedLength)}…` : details;
}
