import type { z } from 'zod';
import { isRecord } from '../../../json/records.js';
import type { GatewayCaller } from '../../call/gateway-request.js';
import type { GatewayCalls } from '../../call/gateway-calls.js';
import type { ToolResult } from '../tool-result.js';
import type { executeToolArguments } from './tool-arguments.js';

/** `reference`: all of an answer in one text, as agent-mcp-gateway gives it. */
export type Envelope = 'content' | 'reference';

/**
 * Calls a tool of a server.
 *
 * @param meta of the request of the agent
 * @throws CallFailure
 */
export async function executeTool(
  calls: GatewayCalls,
  caller: GatewayCaller,
  { server, tool, args, timeout_ms: timeoutMs }: z.output<typeof executeToolArguments>,
  { meta, envelope }: { readonly meta: unknown; readonly envelope: Envelope },
): Promise<ToolResult> {
  const params = { name: tool, arguments: args, ...(isRecord(meta) && { _meta: meta }) };
  // A null and 0 ask for no limit, and get the one of the server; what is below is over at once.
  const limit =
    timeoutMs === undefined || timeoutMs === null || timeoutMs === 0 ? {} : { timeoutMs: Math.max(timeoutMs, 0) };
  const { result } = await calls.run(caller, { server, method: 'tools/call', params, ...limit });
  return envelope === 'reference' ? inOneText(result) : inEnvelope(result);
}

/** The answer as it came, and for programs in the envelope that they read. */
function inEnvelope(result: ToolResult): ToolResult {
  const { content = [], structuredContent, isError = false, ...rest } = result;
  const envelope = { content, isError, ...(structuredContent !== undefined && { structuredContent }) };
  return { ...rest, content, structuredContent: envelope, isError };
}

function inOneText({ content, isError = false }: ToolResult): ToolResult {
  const blocks = (Array.isArray(content) ? content : []).map((block: unknown) =>
    isRecord(block) ? { ...block, annotations: block['annotations'] ?? null, meta: block['_meta'] ?? null } : block,
  );
  const envelope = { content: blocks, isError };
  return { content: [{ type: 'text', text: JSON.stringify(envelope) }], structuredContent: envelope, isError };
}
