import { isRecord } from '../../json/records.js';
import type { CallRecord } from '../call/call-record.js';
import type { GatewayRequest } from '../call/gateway-request.js';
import { jsonBytes } from '../limits/text-cut.js';
import { withoutQuery } from '../../observability/without-query.js';
import type { ArgumentsHash } from './arguments-hash.js';

/** Characters of names, and of reasons: others make them up, and a line is not to grow with them. */
const longestName = 256;
const longestReason = 512;

/** What a terminal or a reader would not show as it is. */
const hidden = /[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu;

/**
 * One decision as a line of JSON; every field is in every line, in this order, null where there is nothing to say.
 *
 * @param at when it was decided, milliseconds since 1970
 */
export function auditLine(record: CallRecord, at: number, hash: ArgumentsHash): string {
  const { request, result } = record;
  const line = {
    timestamp: new Date(at).toISOString(),
    request_id: record.requestId,
    agent_id: shown(record.agent),
    client: shown(record.client),
    operation: shown(record.operation),
    decision: record.decision,
    rule: shown(record.rule, longestReason),
    reason: shown(record.reason, longestReason),
    latency_ms: Math.round(record.latencyMs * 100) / 100,
    server: shown(record.server),
    tool: shown(record.subject === undefined ? undefined : withoutQuery(record.subject)),
    bytes: result === undefined ? null : jsonBytes(result),
    error: record.error ?? null,
    args_hash: request === undefined ? null : hash.of(argumentsOf(request)),
  };
  return `${JSON.stringify(line)}\n`;
}

/** A resource is one by its URI, which holds all that is asked for; its query may hold more than a name. */
function argumentsOf({ method, params }: GatewayRequest): unknown {
  if (method === 'resources/read') return { uri: params['uri'] };
  const { arguments: args } = params;
  return isRecord(args) ? args : {};
}

function shown(text: string | undefined, most = longestName): string | null {
  if (text === undefined) return null;
  const kept = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return kept.replace(hidden, '\uFFFD');
}
