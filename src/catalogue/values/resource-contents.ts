import { isRecord, setOwn } from '../../json/records.js';
import { replaceTexts, type WalkLimits } from './text-walk.js';

/** One part of a resource's content: a record with a `text` or a `blob`, as ContextForge and MCP name them. */
export type ResourcePart = Readonly<Record<string, unknown>>;

/** How much of a content of unknown shape is looked at. */
const limits: WalkLimits = { depth: 100, values: 100_000 };

/**
 * The content of a resource with each of its parts replaced; the very same content where none was. A text alone is a part
 * with nothing but a text. What has another shape goes to `replaceOther`, and a record with `contents` that were looked at
 * to `replaceEnvelope`, for what else is in it.
 */
export function mapResourceParts(
  content: unknown,
  replacePart: (part: ResourcePart) => ResourcePart,
  replaceOther: (value: unknown) => unknown,
  replaceEnvelope: (record: ResourcePart) => ResourcePart = (record) => record,
): unknown {
  if (typeof content === 'string') return replacePart({ text: content })['text'];
  const inner = (part: unknown) => mapResourceParts(part, replacePart, replaceOther, replaceEnvelope);
  if (Array.isArray(content)) return mapList(content, inner);
  if (!isRecord(content)) return replaceOther(content);
  const { contents } = content;
  if (Array.isArray(contents)) {
    return replaceEnvelope(withField(content, 'contents', inner(contents)));
  }
  const isPart = typeof content['text'] === 'string' || typeof content['blob'] === 'string';
  return isPart ? replacePart(content) : replaceOther(content);
}

/**
 * The same with texts replaced: those of parts, and all texts of what has another shape.
 *
 * @throws ValueTooLargeError
 */
export function replaceResourceTexts(content: unknown, replace: (text: string) => string): unknown {
  return mapResourceParts(
    content,
    (part) => (typeof part['text'] === 'string' ? withField(part, 'text', replace(part['text'])) : part),
    (other) => replaceTexts(other, replace, limits),
  );
}

/** The media type of a part, in lower case; undefined if it says none. */
export function mediaTypeOf(part: ResourcePart): string | undefined {
  const type = part['mimeType'] ?? part['mime_type'];
  return typeof type === 'string' && type !== '' ? type.toLowerCase() : undefined;
}

/** The record itself where the field has that value already. */
function withField(record: ResourcePart, field: string, value: unknown): Record<string, unknown> | ResourcePart {
  if (Object.hasOwn(record, field) && record[field] === value) return record;
  const copy = { ...record };
  setOwn(copy, field, value);
  return copy;
}

function mapList(list: readonly unknown[], replace: (item: unknown) => unknown): readonly unknown[] {
  const made = list.map(replace);
  return made.some((item, index) => item !== list[index]) ? made : list;
}
