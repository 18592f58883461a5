import type { DeltaMessage, FeedMessage, SnapshotMessage } from '../feed/messages.js';

/** Bytes that one message on the feed has at most. */
export const mostPieceBytes = 64 * 1024;

/** Leaves room for the fields that each piece has. */
const mostListBytes = 60 * 1024;

const lists = ['plugins', 'servers', 'invocations', 'events'] as const;

/** A snapshot in messages of at most {@link mostPieceBytes}; only what is larger by itself is left as it is. */
export function snapshotPieces(message: SnapshotMessage): SnapshotMessage[] {
  if (isSmall(message)) return [message];
  const { v, type, seq, t, more } = message;
  const head = { v, type, seq, t, more: true, actors: [] } as const;
  const pieces: SnapshotMessage[] = chunks(message.actors).map((actors) => ({ ...head, actors }));
  for (const name of lists)
    pieces.push(...chunks<unknown>(message[name] ?? []).map((chunk) => ({ ...head, [name]: chunk })));
  pieces.push(...chunks(message.minutes ?? []).map((minutes) => ({ ...head, minutes })));
  const ribbons = chunks(Object.entries(message.ribbons ?? {}));
  pieces.push(...ribbons.map((chunk) => ({ ...head, ribbons: Object.fromEntries(chunk) })));
  return [...pieces, { ...head, more }];
}

/**
 * A delta in messages of at most {@link mostPieceBytes}. The events come first, each piece with the numbers of its own; what
 * follows has an empty range behind them.
 */
export function deltaPieces(message: DeltaMessage): DeltaMessage[] {
  if (isSmall(message)) return [message];
  const { v, type, t, eventsPerSecond, removed } = message;
  const [first, last] = message.seq;
  const head = { v, type, t } as const;
  let from = first;
  const told = chunks(message.events ?? []);
  const pieces = told.map((events, index): DeltaMessage => {
    const to = index === told.length - 1 ? last : (events.at(-1)?.s ?? last);
    const piece: DeltaMessage = { ...head, seq: [from, to], events };
    from = to + 1;
    return piece;
  });
  const seq: readonly [number, number] = told.length === 0 ? [first, last] : [last + 1, last];
  const rest = { ...head, seq };
  pieces.push(...chunks(message.actors ?? []).map((actors) => ({ ...rest, actors })));
  for (const name of ['plugins', 'servers', 'invocations', 'seconds'] as const)
    pieces.push(...chunks<unknown>(message[name] ?? []).map((chunk) => ({ ...rest, [name]: chunk })));
  if (removed !== undefined) pieces.push({ ...rest, removed });
  if (eventsPerSecond !== undefined) pieces.push({ ...rest, eventsPerSecond });
  return pieces;
}

/**
 * A message as server-sent events have it.
 *
 * @param id what the reader names when it comes back: it has all up to there
 */
export function frameOf(message: FeedMessage, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`;
}

function isSmall(message: FeedMessage): boolean {
  return bytesOf(message) <= mostPieceBytes;
}

function chunks<Item>(items: readonly Item[]): Item[][] {
  const found: Item[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = bytesOf(item) + 1;
    if (bytes > room) {
      found.push([]);
      room = mostListBytes;
    }
    found.at(-1)?.push(item);
    room -= bytes;
  }
  return found;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
