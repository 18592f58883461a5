import type { Violation } from '../../hooks/hook-result.js';
import { isRecord } from '../../json/records.js';
import { PatternBudgetError } from '../patterns/pattern.js';
import { mapResourceParts, type ResourcePart } from '../values/resource-contents.js';
import { replaceTexts, ValueTooLargeError } from '../values/text-walk.js';
import type { ResourceFilterSettings } from './settings.js';

/** Content as it may pass, the very same one where nothing changed, or why it may not. */
export interface FilteredContent {
  readonly content?: unknown;
  readonly violation?: Violation;
}

/** How much of a value is looked at, be it a whole one or a field of a part. */
const limits = { depth: 100, values: 100_000 };

/**
 * The content of a resource.
 *
 * @param name what it is, for details: `{ uri }`
 */
export function filteredResource(
  content: unknown,
  settings: ResourceFilterSettings,
  name: Readonly<Record<string, unknown>>,
): FilteredContent {
  const size = new Sizes(settings, name);
  return filtered(name, () =>
    mapResourceParts(
      content,
      (part) => {
        if (typeof part['blob'] === 'string') size.require(decodedLength(part['blob']));
        return filteredFields(part, ([field, value]) => typeof value !== 'string' || !unfiltered.includes(field), size);
      },
      (other) => filteredTexts(other, size),
      (envelope) => filteredFields(envelope, ([field]) => field !== 'contents', size),
    ),
  );
}

/** Texts of a part that say which and of what type it is, as another address is another resource, or that are bytes. */
const unfiltered = ['uri', 'id', 'type', 'mimeType', 'mime_type', 'blob'];

function filteredFields(
  record: ResourcePart,
  isFiltered: (field: readonly [name: string, value: unknown]) => boolean,
  size: Sizes,
): ResourcePart {
  const fields = Object.fromEntries(Object.entries(record).filter(isFiltered));
  const made = filteredTexts(fields, size);
  return made !== fields && isRecord(made) ? { ...record, ...made } : record;
}

/** Any other value: every text in it is looked at. */
export function filteredValue(
  value: unknown,
  settings: ResourceFilterSettings,
  name: Readonly<Record<string, unknown>>,
): FilteredContent {
  const size = new Sizes(settings, name);
  return filtered(name, () => filteredTexts(value, size));
}

function filteredTexts(value: unknown, size: Sizes): unknown {
  return replaceTexts(value, (text) => size.filter(text), limits);
}

/** A text or a blob is larger than it may be. Thrown, because it ends a walk. */
class TooLarge extends Error {
  readonly details: Readonly<Record<string, unknown>>;

  constructor(details: Readonly<Record<string, unknown>>, most: number) {
    super(`Resource content exceeds maximum size of ${most} bytes`);
    this.details = details;
  }
}

/** Holds each text to the largest size, and filters it. */
class Sizes {
  readonly #settings: ResourceFilterSettings;
  readonly #name: Readonly<Record<string, unknown>>;

  constructor(settings: ResourceFilterSettings, name: Readonly<Record<string, unknown>>) {
    this.#settings = settings;
    this.#name = name;
  }

  /** @throws TooLarge */
  require(bytes: number): void {
    const { max_content_size: most } = this.#settings;
    if (bytes > most) throw new TooLarge({ ...this.#name, size: bytes, max_size: most }, most);
  }

  /** @throws TooLarge, PatternBudgetError */
  filter(text: string): string {
    this.require(Buffer.byteLength(text));
    return this.#settings.content_filters.reduce((filtered, filter) => filter(filtered), text);
  }
}

function filtered(name: Readonly<Record<string, unknown>>, walk: () => unknown): FilteredContent {
  try {
    return { content: walk() };
  } catch (error) {
    if (error instanceof TooLarge) {
      const reason = 'Content exceeds maximum size';
      return { violation: { reason, description: error.message, code: 'CONTENT_TOO_LARGE', details: error.details } };
    }
    if (!(error instanceof ValueTooLargeError || error instanceof PatternBudgetError)) throw error;
    const description = `The content cannot be filtered: ${error.message}`;
    const reason = 'Content cannot be filtered';
    return { violation: { reason, description, code: 'RESOURCE_FILTER_INPUT_TOO_LARGE', details: { ...name } } };
  }
}

/** Bytes that base64 stands for. */
function decodedLength(base64: string): number {
  return Math.floor((base64.length * 3) / 4);
}
