import type { UnixSocketConnection } from './unix-socket-connection.js';

/** Milliseconds of waiting that make no difference. */
const negligibleMs = 1;

/** Of connections that take a request at once, the one where it waits least; undefined where all would hold it up. */
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
    if (waited < least || (best === undefined && waited === least)) [best, least] = [connection, waited];
  }
  return best;
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
