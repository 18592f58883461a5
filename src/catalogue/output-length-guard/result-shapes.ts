import { isRecord, setOwn } from '../../json/records.js';
import { guardStructure, guardText, OutputRefused } from './length-guard.js';
import type { LengthSettings } from './settings.js';

/** A result as it may pass, the very same one where nothing changed, and what is noted of it. */
export interface GuardedResult {
  readonly result: unknown;
  readonly metadata: Record<string, unknown>;
}

/**
 * The result of a tool, of whatever shape.
 *
 * @throws OutputRefused
 */
export function guardResult(result: unknown, settings: LengthSettings): GuardedResult {
  if (typeof result === 'string') {
    const { text, note } = guardText(result, settings);
    return { result: text, metadata: { ...note } };
  }
  if (Array.isArray(result)) return guardList(result, settings);
  if (isRecord(result)) {
    const { content } = result;
    if (Array.isArray(content)) return guardToolResult(result, content, settings);
    if (typeof result['text'] === 'string') return guardTextRecord(result, result['text'], settings);
    return { result: guardStructure(result, settings, 'result'), metadata: {} };
  }
  return { result, metadata: { skipped: true, reason: `unsupported_type_${pythonType(result)}` } };
}

function guardList(result: readonly unknown[], settings: LengthSettings): GuardedResult {
  const [first] = result;
  if (isRecord(first) && Object.hasOwn(first, 'type')) {
    return { result: guardContent(result, settings), metadata: { mcp_content_processed: true } };
  }
  if (result.length > 0 && result.every((text) => typeof text === 'string')) return guardTexts(result, settings);
  const guarded = guardStructure(result, settings, 'result');
  return { result: guarded, metadata: { skipped: true, reason: 'unsupported_type_list' } };
}

function guardTexts(texts: readonly string[], settings: LengthSettings): GuardedResult {
  const items: Readonly<Record<string, unknown>>[] = [];
  const made = texts.map((given, index) => {
    try {
      const { text, note } = guardText(given, settings);
      items.push(note);
      return text;
    } catch (error) {
      if (!(error instanceof OutputRefused)) throw error;
      const { original_length, within_bounds, limit_mode, strategy, truncated, new_length } = error.metadata;
      items.push({ original_length, within_bounds, limit_mode, strategy, truncated, new_length });
      const more = { items, violation_index: index, total_items: texts.length };
      throw new OutputRefused(error.violation, { ...error.metadata, ...more });
    }
  });
  return { result: sameOr(texts, made), metadata: { items } };
}

/** A record that has a text beside other things. */
function guardTextRecord(record: Record<string, unknown>, given: string, settings: LengthSettings): GuardedResult {
  const { text, note } = guardText(given, settings);
  const made = guardRest(record, ['text'], settings);
  return { result: withKey(made, 'text', text), metadata: { ...note } };
}

/** What MCP calls a `CallToolResult`. Structured content comes first: a text that repeats it is made anew. */
function guardToolResult(
  record: Record<string, unknown>,
  content: readonly unknown[],
  settings: LengthSettings,
): GuardedResult {
  const key = ['structuredContent', 'structured_content'].find((name) => (record[name] ?? null) !== null);
  const structured = key !== undefined;
  const made = guardRest(record, ['content', '_meta', ...(structured ? [key] : [])], settings);
  if (structured) {
    const guarded = guardStructure(record[key], settings, 'structuredContent');
    if (guarded !== record[key]) {
      const repeated = [{ type: 'text', text: textOf(guarded) }];
      const { min_tokens, max_tokens, chars_per_token } = settings;
      return {
        result: withKey(withKey(made, key, guarded), 'content', repeated),
        metadata: { ...processed(true, true), min_tokens, max_tokens, chars_per_token },
      };
    }
  }
  const guarded = guardContent(content, settings);
  return { result: withKey(made, 'content', guarded), metadata: processed(guarded !== content, structured) };
}

function processed(modified: boolean, structured: boolean): Record<string, unknown> {
  return { mcp_result_processed: true, items_modified: modified, structured_content_processed: structured };
}

/** Parts of content whose texts are names, and whose data is no text: cutting them would make something else of them. */
const uncut: readonly unknown[] = ['image', 'audio', 'resource_link'];

/** The same of what parts and resources have beside their texts. */
const ofParts = ['type', 'annotations', '_meta'];
const ofResources = ['uri', 'mimeType', 'blob', 'annotations', '_meta'];

function guardContent(content: readonly unknown[], settings: LengthSettings): readonly unknown[] {
  const made = content.map((part) => {
    if (!isRecord(part)) return guardStructure(part, settings, 'content');
    const { type, text, resource } = part;
    if (type === 'text' && typeof text === 'string') {
      return withKey(guardRest(part, ['text', ...ofParts], settings), 'text', guardText(text, settings).text);
    }
    if (type === 'resource' && isRecord(resource) && isTextOrAbsent(resource['text'])) {
      const rest = guardRest(part, ['resource', ...ofParts], settings);
      return withKey(rest, 'resource', guardResource(resource, resource['text'], settings));
    }
    return uncut.includes(type) ? part : guardStructure(part, settings, 'content');
  });
  return sameOr(content, made);
}

function guardResource(
  resource: Record<string, unknown>,
  text: string | undefined,
  settings: LengthSettings,
): Record<string, unknown> {
  const rest = guardRest(resource, ['text', ...ofResources], settings);
  return text === undefined ? rest : withKey(rest, 'text', guardText(text, settings).text);
}

/** The other keys of a record. */
function guardRest(
  record: Record<string, unknown>,
  but: readonly string[],
  settings: LengthSettings,
): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(record).filter((name) => !but.includes(name))) {
    const made = guardStructure(record[key], settings, key);
    if (made !== record[key]) setOwn((copy ??= { ...record }), key, made);
  }
  return copy ?? record;
}

/** What a text says that repeats structured content: the only value of an object stands for the object. */
function textOf(value: unknown, unwrapped = 0): string {
  if (typeof value === 'string') return value;
  const [only, ...others] = isRecord(value) && unwrapped < 10 ? Object.values(value) : [undefined, undefined];
  return only !== undefined && others.length === 0 ? textOf(only, unwrapped + 1) : JSON.stringify(value);
}

function withKey(record: Record<string, unknown>, key: string, value: unknown): Record<string, unknown> {
  if (record[key] === value) return record;
  const copy = { ...record };
  setOwn(copy, key, value);
  return copy;
}

function sameOr(given: readonly unknown[], made: readonly unknown[]): readonly unknown[] {
  return made.some((item, index) => item !== given[index]) ? made : given;
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

/** What Python calls the type of a number, a truth value or nothing. */
function pythonType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  return Number.isInteger(value) ? 'int' : 'float';
}
