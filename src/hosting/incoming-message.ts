import {
  ErrorCode,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type JSONRPCRequest,
  type RequestId,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../context/plain-data.js';

/** What a client sent: a message of JSON-RPC, or something else that may have an id to answer to. */
export type Incoming =
  | { readonly kind: 'message'; readonly message: JSONRPCMessage }
  /** Its sender waits for an answer, so it gets an error. */
  | { readonly kind: 'badRequest'; readonly id: RequestId | null }
  | { readonly kind: 'stray' };

export function readIncoming(parsed: unknown): Incoming {
  const message = JSONRPCMessageSchema.safeParse(parsed);
  if (message.success) return { kind: 'message', message: message.data };
  if (Array.isArray(parsed)) return { kind: 'badRequest', id: null };
  return isRecord(parsed) && Object.hasOwn(parsed, 'method') && Object.hasOwn(parsed, 'id')
    ? { kind: 'badRequest', id: usableId(parsed['id']) }
    : { kind: 'stray' };
}

/** The id of something that was parsed, for an answer to it: null if it has none that can be given back as it was. */
export function idOf(parsed: unknown): RequestId | null {
  return isRecord(parsed) ? usableId(parsed['id']) : null;
}

function usableId(id: unknown): RequestId | null {
  return isRequestId(id) ? id : null;
}

/** Whether it can be given back as it was: a text, or a number that is held exactly. */
export function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id) && (Number.isSafeInteger(id) || !Number.isInteger(id)));
}

const versionKey = 'io.modelcontextprotocol/protocolVersion';

/** The version in the envelope that the newer revision of the protocol puts around every request. */
function envelopedVersion({ params }: JSONRPCRequest): unknown {
  const meta = params?.['_meta'];
  return isRecord(meta) ? meta[versionKey] : undefined;
}

/** Code of the newer revision, whose clients read the versions that come with it. */
const unsupportedProtocolVersion = -32022;

export interface NewRevisionRefusal {
  readonly status: 400;
  readonly rpcCode: number;
  readonly message: string;
  readonly rpcData: unknown;
}

/**
 * What a request of the newer revision is told that comes before `initialize`: that there is no such method, or no such
 * version here. Its sender begins with `initialize` then.
 */
export function refusalOutsideSession(request: JSONRPCRequest): NewRevisionRefusal | undefined {
  if (request.method === 'server/discover') {
    return { status: 400, rpcCode: ErrorCode.MethodNotFound, message: 'Method not found', rpcData: request.method };
  }
  const requested = envelopedVersion(request);
  if (request.method === 'initialize' || requested === undefined) return undefined;
  return {
    status: 400,
    rpcCode: unsupportedProtocolVersion,
    message: 'Unsupported protocol version: begin with initialize',
    rpcData: { supported: SUPPORTED_PROTOCOL_VERSIONS, requested },
  };
}
