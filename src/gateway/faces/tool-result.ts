import { type CallFailure, failureRecord } from '../call/call-failure.js';

/** The result of a tool of MCP. */
export type ToolResult = Readonly<Record<string, unknown>>;

/** An answer for programs, and the same as text for models. */
export function jsonResult(
  structuredContent: Readonly<Record<string, unknown>>,
  text: unknown = structuredContent,
): ToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(text) }], structuredContent, isError: false };
}

/** A failure in words, and for programs. */
export function failureResult(failure: CallFailure): ToolResult {
  return {
    content: [{ type: 'text', text: failure.message }],
    structuredContent: { error: failureRecord(failure) },
    isError: true,
  };
}
