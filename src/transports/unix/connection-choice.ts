import type { UnixSocketConnection } from './unix-socket-connection.js';

/** Milliseconds of waiting that make no difference. */
const negligibleMs = 1;

/** Requests under way from which on they cost less together on one connection than apart. */
const many = 4;

/**
 * Of connections that take a request at once, the one where it waits least. Among those the one with the fewest requests
 * under way, one of which may prove to be slow; but where one has many, that one: frames that are written and read together
 * cost less (`npm run bench`, unix/64). Undefined where all would hold it up.
 */
export function quickest(
  connections: Iterable<UnixSocketConnection>,
  now: number,
  slowMs: number,
): UnixSocketConnection | undefined {
  let best: UnixSocketConnection | undefined;
  let least = Math.max(slowMs, negligibleMs);
  for (const connection of connections) {
    if (!connection.isSwift) continue;
    const waited = Math.max(connection.waitedMs(now), negligibleMs);
    if (waited > least || (waited === least && best !== undefined && !isBetter(connection, best))) continue;
    best = connection;
    least = waited;
  }
  return best;
}

function isBetter({ inFlight }: UnixSocketConnection, best: UnixSocketConnection): boolean {
  const isCrowded = Math.max(inFlight, best.inFlight) >= many;
  return isCrowded ? inFlight > best.inFlight : inFlight < best.inFlight;
}

/** Of connections that all have something in flight, one that is not held up, and among those the one with the fewest. */
export function shortest(
  connections: Iterable<UnixSocketConnection>,
  now: number,
  maxInFlight: number,
): UnixSocketConnection | undefined {
  let best: UnixSocketConnection | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const connection of connections) {
    if (!connection.hasRoom) continue;
    const length = connection.inFlight + (connection.isSlow(now) ? maxInFlight : 0);
    if (length < least) [best, least] = [connection, length];
  }
  return best;
}
