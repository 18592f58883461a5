import { countOf } from '../../config/config-issue.js';
import { isPlainObject, setOwn } from '../../json/records.js';
import type { McpResponse } from '../../transports/mcp/mcp-messages.js';
import { type ItemKind, type LimitedMethod, type ResultItems, resultItems } from './result-items.js';
import { cutText, jsonBytes } from './text-cut.js';

/** A result that is no larger than it may be. */
export interface LimitedResponse {
  /** The result itself where it is small enough. */
  readonly result: McpResponse;
  /** Of the whole result, as JSON. */
  readonly bytes: number;
  /** Of these not passed on. */
  readonly leftOut: number;
}

/** What a notice takes at most. */
const noticeBytes = 600;

/** A smaller limit has no room for anything but a notice. */
export const leastResponseBytes = 2 * noticeBytes;

const nouns: Readonly<Record<ItemKind, string>> = {
  text: 'text',
  image: 'image',
  audio: 'audio clip',
  binary: 'binary resource',
  link: 'resource link',
  other: 'other item',
};

/**
 * Makes a result smaller that is larger than it may be, and says so in a notice at its end. Items are taken in their order
 * as long as there is room: a text is cut between two characters, of anything else there is all or nothing. Other fields,
 * `structuredContent` first, may take half of the room, and are there whole or not at all. Without its `structuredContent` a
 * result is an error (`isError`), because clients refuse one that does not keep to the output schema of its tool.
 *
 * @param maxBytes of the result as JSON in UTF-8, the notice included; {@link leastResponseBytes} at least
 */
export function limitResponse(method: LimitedMethod, result: McpResponse, maxBytes: number): LimitedResponse {
  const limit = Math.max(maxBytes, leastResponseBytes);
  const bytes = jsonBytes(result);
  if (bytes <= limit) return { result, bytes, leftOut: 0 };
  const items = resultItems[method];
  const room = new Room(limit - noticeBytes - jsonBytes({ isError: true, [items.field]: [] }));
  const fields = keptFields(items, result, room);
  const kept = keptItems(items, result[items.field], room);
  const leftOut = bytes - jsonBytes({ ...fields, [items.field]: kept });
  const notice = items.notice(noticeText(room.without, leftOut, bytes, limit));
  return { result: { ...fields, [items.field]: [...kept, notice] }, bytes, leftOut };
}

/** The bytes that are left, and what had no room in them. */
class Room {
  #left: number;
  readonly without = new Map<string, number>();

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get left(): number {
    return this.#left;
  }

  /** @param least bytes that have to be left then */
  take(bytes: number, least = 0): boolean {
    if (this.#left - bytes < least) return false;
    this.#left -= bytes;
    return true;
  }

  leaveOut(what: string): void {
    this.without.set(what, (this.without.get(what) ?? 0) + 1);
  }
}

function keptItems(items: ResultItems, list: unknown, room: Room): readonly unknown[] {
  if (!Array.isArray(list)) {
    if (list !== undefined) room.leaveOut(nouns.other);
    return [];
  }
  const kept: unknown[] = [];
  for (const item of list) {
    if (room.take(jsonBytes(item) + 1)) {
      kept.push(item);
      continue;
    }
    const record = isPlainObject(item) ? item : {};
    const shorter = shortened(items, record, room);
    if (shorter !== undefined) kept.push(shorter);
    room.leaveOut(`${shorter === undefined ? '' : endOf}${nouns[items.kindOf(record)]}`);
  }
  return kept;
}

/** An item with as much of its text as there is room for; undefined where there is none, or no text. */
function shortened(items: ResultItems, item: Readonly<Record<string, unknown>>, room: Room): unknown {
  const text = items.textOf(item);
  if (text === undefined) return undefined;
  const start = cutText(text, room.left - jsonBytes(items.withText(item, '')) - 1);
  if (start === '') return undefined;
  const shorter = items.withText(item, start);
  return room.take(jsonBytes(shorter) + 1) ? shorter : undefined;
}

function keptFields(items: ResultItems, result: McpResponse, room: Room): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const names = Object.keys(result).filter((name) => name !== items.field && result[name] !== undefined);
  const half = room.left / 2;
  for (const name of names.sort((a, b) => rank(a) - rank(b))) {
    const value = result[name];
    // A truth value takes next to nothing, and says what all the rest is.
    if (name === 'isError' && typeof value === 'boolean') fields[name] = value;
    else if (room.take(jsonBytes({ [name]: value }), half)) setOwn(fields, name, value);
    else room.leaveOut(name === structured ? structured : 'other field');
  }
  if (room.without.has(structured)) fields['isError'] = true;
  return fields;
}

const structured = 'structuredContent';

function rank(name: string): number {
  return name === structured ? 0 : 1;
}

const endOf = 'the end of a ';

/** There are few kinds of things, so that it has an end itself. */
function noticeText(without: ReadonlyMap<string, number>, leftOut: number, bytes: number, limit: number): string {
  const things = [...without].map(([what, count]) => {
    if (what === structured) return what;
    return what.startsWith(endOf) && count === 1 ? what : countOf(count, what);
  });
  return (
    `[gatechart: ${leftOut} of the ${bytes} bytes of this result were left out, because it may have ${limit}. ` +
    `Not here: ${things.join(', ')}.]`
  );
}
