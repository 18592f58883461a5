import { createHash } from 'node:crypto';
import type { Listed } from '../../downstream/server-set-api.js';
import { canonicalJson } from '../../json/canonical-json.js';
import { jsonProblem } from '../../json/json-data.js';
import { cleanItem } from '../offer/text-cleaning.js';

/** What an agent is told of a tool beside its name, and what is hashed of it. */
const contentFields = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;

export type ContentField = (typeof contentFields)[number];

/** A tool as somebody looked at it. */
export interface ToolHash {
  /** Of name and content: `sha256:` and 64 hexadecimal digits. It alone decides. */
  readonly hash: string;
  /** The beginnings of the hashes of each field that is there. They only serve to say what is different. */
  readonly fields: Readonly<Partial<Record<ContentField, string>>>;
}

/** Hexadecimal digits that tell fields apart. */
const fieldDigits = 16;

/**
 * The hash of a tool as agents see it: of its canonical JSON (RFC 8785), without hidden characters. Undefined for what is
 * nested so deep that nobody looks at it.
 */
export function toolHash(tool: Listed): ToolHash | undefined {
  if (jsonProblem(tool, 'tool') !== undefined) return undefined;
  const { item } = cleanItem(tool);
  const content = contentFields.flatMap((field) => (item[field] === undefined ? [] : [[field, item[field]] as const]));
  return {
    hash: `sha256:${digest({ name: item['name'], ...Object.fromEntries(content) })}`,
    fields: Object.fromEntries(content.map(([field, value]) => [field, digest(value).slice(0, fieldDigits)])),
  };
}

/** Which fields are there in one and not in the other, or differ. */
export function differingFields(was: ToolHash, is: ToolHash): readonly ContentField[] {
  return contentFields.filter((field) => was.fields[field] !== is.fields[field]);
}

export function isContentField(field: string): field is ContentField {
  return contentFields.some((known) => known === field);
}

function digest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
