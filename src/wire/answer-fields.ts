import { isRecord } from '../context/plain-data.js';
import { noteUnknownContext } from './context-codec.js';
import type { IgnoredFields } from './ignored-fields.js';
import type { PayloadCodec } from './payload-codec.js';

const answerKeys = new Set(['plugin_name', 'result', 'context', 'error']);
const resultKeys = new Set([
  'continue_processing',
  'modified_payload',
  'violation',
  'metadata',
  'http_headers',
  'retry_delay_ms',
]);
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

/** Names what of an answer to a hook call is not read. */
export function noteUnknownAnswer(
  answer: Readonly<Record<string, unknown>>,
  codec: PayloadCodec,
  ignored: IgnoredFields,
): void {
  ignored.lookThrough(answer, answerKeys, '');
  const { result } = answer;
  if (isRecord(result)) {
    ignored.lookThrough(result, resultKeys, 'result');
    ignored.lookThrough(result['violation'], violationKeys, 'result.violation');
    codec.noteUnknown(result['modified_payload'], 'result.modified_payload', ignored);
  }
  ignored.lookThrough(answer['error'], errorKeys, 'error');
  noteUnknownContext(answer['context'], ignored);
}
