import { isRecord } from '../json/records.js';
import { unknownContextFields } from './context-codec.js';
import { joined, unknownKeys } from './ignored-fields.js';
import { unreadMetrics } from './denial-metadata-codec.js';
import type { PayloadCodec } from './payload-codec.js';
import { resultKeys } from './result-codec.js';

const answerKeys = new Set(['plugin_name', 'result', 'context', 'error']);
const violationKeys = new Set([
  'reason',
  'description',
  'code',
  'details',
  'plugin_name',
  'mcp_error_code',
  'http_status_code',
  'http_headers',
]);
const errorKeys = new Set(['message', 'plugin_name', 'code', 'details', 'mcp_error_code']);

/** The places of what is not read of an answer to a hook call. */
export function unknownAnswerFields(answer: Readonly<Record<string, unknown>>, codec: PayloadCodec): readonly string[] {
  const { result, error, context } = answer;
  const around = joined(
    joined(unknownKeys(answer, answerKeys, ''), unknownKeys(error, errorKeys, 'error')),
    unknownContextFields(context),
  );
  if (!isRecord(result)) return around;
  const inResult = joined(
    joined(
      unknownKeys(result, resultKeys, 'result'),
      unknownKeys(result['violation'], violationKeys, 'result.violation'),
    ),
    unreadMetrics(result['denial_metadata'], 'result.denial_metadata'),
  );
  const inPayload = codec.unknownFields(result['modified_payload'], 'result.modified_payload');
  return joined(joined(around, inResult), inPayload);
}
