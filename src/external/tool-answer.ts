import { describeValue } from '../json/described-value.js';
import { isRecord } from '../json/records.js';
import { z } from 'zod';
import type { McpResponse } from '../transports/mcp/mcp-messages.js';
import { isStop } from '../wire/answer-stop.js';
import type { PayloadCodec } from '../wire/payload-codec.js';
import { excerpt } from '../json/excerpt.js';
import { describeIssue, issueOf } from '../wire/wire-issue.js';

const toolResult = z.object({ content: z.array(z.unknown()), isError: z.boolean().nullish() });

/** Characters of a server's own words that go into a message. */
const quotedLength = 300;

/** What a plugin server's tool said, or why that cannot be used. */
export type ToolAnswer =
  | { readonly kind: 'documents'; readonly documents: readonly unknown[] }
  | { readonly kind: 'unusable'; readonly reason: string; readonly code: string };

/**
 * Reads the text contents of a tool result as JSON documents. Contents that are not text are skipped.
 *
 * @param codec of the results of the hook; undefined for the answer to another question
 */
export function readToolAnswer(response: McpResponse, codec?: PayloadCodec): ToolAnswer {
  if (!isToolResult(response)) {
    const error = toolResult.safeParse(response).error ?? new z.ZodError([]);
    return unusable(`the tool result is none: ${describeIssue(issueOf(error, response, ''))}`);
  }
  const { content, isError } = response;
  const texts = textsOf(content);
  if (isError === true) {
    return stopIn(texts, codec) ?? unusable(`the tool failed: ${quote(texts.join(' ')) || 'no reason given'}`);
  }
  if (texts.length === 0) {
    return unusable(`the tool result has no text content among ${content.length} contents; expected JSON as text`);
  }
  const documents: unknown[] = [];
  for (const text of texts) {
    const document = parsedText(text);
    if (document === undefined) {
      return stopIn(texts, codec) ?? unusable(`the text content is not JSON: ${quote(text)}`, 'JSON_DECODE_ERROR');
    }
    documents.push(document);
  }
  return { kind: 'documents', documents };
}

/** Whether the schema takes it, without what that costs; the schema says what is wrong with one that it does not take. */
function isToolResult(response: McpResponse): response is z.infer<typeof toolResult> {
  const { content, isError } = response;
  return Array.isArray(content) && (isError === undefined || isError === null || typeof isError === 'boolean');
}

/** The bytes of the documents in a tool result, of which nothing is read. */
export function textBytes({ content }: McpResponse): number {
  return textsOf(Array.isArray(content) ? content : []).reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
}

function textsOf(contents: readonly unknown[]): string[] {
  const texts: string[] = [];
  for (const content of contents)
    if (isRecord(content) && content['type'] === 'text' && typeof content['text'] === 'string')
      texts.push(content['text']);
  return texts;
}

/** A text as JSON; undefined if it is none. */
function parsedText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A plugin that says stop is heard, also beside contents that cannot be used. */
function stopIn(texts: readonly string[], codec: PayloadCodec | undefined): ToolAnswer | undefined {
  const stop = texts.map(parsedText).find((document) => isStop(document, codec));
  return stop === undefined ? undefined : { kind: 'documents', documents: [stop] };
}

function unusable(reason: string, code = ''): ToolAnswer {
  return { kind: 'unusable', reason, code };
}

function quote(text: string): string {
  return excerpt(text, quotedLength);
}

/** The kind of a document, where an object was expected. */
export function notAnObject(document: unknown): string {
  return `found ${describeValue(document)}, expected an object`;
}
