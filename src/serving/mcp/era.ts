import { ErrorCode, LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';
import { describeValue } from '../../json/described-value.js';
import { isRecord } from '../../json/records.js';

/** What a message is told that belongs to the revision of the protocol without sessions: status 400 over HTTP. */
export interface EraRefusal {
  readonly status: 400;
  readonly rpcCode: number;
  readonly message: string;
  readonly rpcData: unknown;
}

const versionKey = 'io.modelcontextprotocol/protocolVersion';
const versionHeader = 'mcp-protocol-version';

/** Code of the newer revision, whose clients read the versions that come with it. */
const unsupportedProtocolVersion = -32022;

/**
 * Tells by one message, and its headers where it has some, to which revision of the protocol it belongs: `legacy` has
 * sessions, and is what is served here. What belongs to the newer one is complete in itself, so it is refused before any
 * session is looked up, whatever session it names: nothing of it may reach one. Its sender begins with `initialize` then,
 * which is taken with whatever else is in it, because that is what the refusal asks for.
 */
export function eraOf(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: unknown,
): 'legacy' | EraRefusal {
  if (!isRecord(body)) return isModern(headers[versionHeader]) ? refusalOf(headers[versionHeader]) : 'legacy';
  const { method, params } = body;
  if (method === 'server/discover') {
    return { status: 400, rpcCode: ErrorCode.MethodNotFound, message: 'Method not found', rpcData: method };
  }
  if (method === 'initialize') return 'legacy';
  const enveloped = envelopedVersion(params);
  if (enveloped !== undefined) return refusalOf(enveloped);
  const named = headers[versionHeader];
  return isModern(named) ? refusalOf(named) : 'legacy';
}

/** Whether a version, as the header names it, is one of the revisions without sessions. */
export function isModern(version: unknown): boolean {
  return typeof version === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(version) && version > LATEST_PROTOCOL_VERSION;
}

/** The version in the envelope that the newer revision puts around every request. */
function envelopedVersion(params: unknown): unknown {
  const meta = isRecord(params) ? params['_meta'] : undefined;
  return isRecord(meta) ? meta[versionKey] : undefined;
}

function refusalOf(named: unknown): EraRefusal {
  // Anything may stand there, also what cannot be written again.
  const requested = typeof named === 'string' ? named : describeValue(named);
  return {
    status: 400,
    rpcCode: unsupportedProtocolVersion,
    message: 'Unsupported protocol version: begin with initialize',
    rpcData: { supported: SUPPORTED_PROTOCOL_VERSIONS, requested },
  };
}
