import { isGatechartError, messageOf } from '../../errors.js';
import { isRecord } from '../../json/records.js';
import { RpcError } from '../../serving/mcp/rpc-error.js';
import type { SimulatedOutcome } from './simulated-call.js';

/** What a result of `tools/call` says, in either face. */
export function outcomeOfResult(result: Readonly<Record<string, unknown>>): SimulatedOutcome {
  const structured = result['structuredContent'];
  const outer = isRecord(structured) ? structured : {};
  const { error } = outer;
  if (isRecord(error)) return { kind: 'failed', code: String(error['code']), text: String(error['message']) };
  // The face on demand puts what the server gave into an envelope of its own.
  const inner = outer['structuredContent'];
  const fields = isRecord(inner) ? inner : outer;
  return {
    kind: 'answered',
    isError: result['isError'] === true,
    fields: 'call' in fields ? fields : undefined,
  };
}

/** What a caller was told by an error. */
export function outcomeOfError(error: unknown): SimulatedOutcome {
  if (error instanceof RpcError) {
    const { data } = error;
    const own = isRecord(data) && typeof data['code'] === 'string' ? data['code'] : undefined;
    return { kind: 'failed', code: own ?? `rpc ${error.code}`, text: error.message };
  }
  return { kind: 'failed', code: isGatechartError(error) ? error.code : 'error', text: messageOf(error) };
}
