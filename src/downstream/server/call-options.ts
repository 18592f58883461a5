import type { ReplayPolicy } from '../../config/sections/reconnection.js';
import type { CallOptions } from '../../connection/connection-api.js';
import type { ServerEntry } from '../server-entry.js';
import type { DownstreamOptions } from '../server-set-api.js';
import { withRootsOf } from './server-questions.js';

/** What the connection is told of a call: what the caller says, and else the entry. */
export function callOptions(
  entry: ServerEntry,
  { signal, timeoutMs, connectTimeoutMs, on }: DownstreamOptions,
  replay: ReplayPolicy,
): CallOptions {
  return {
    timeoutMs: timeoutMs ?? entry.timeoutMs,
    connectTimeoutMs: connectTimeoutMs ?? entry.connectTimeoutMs,
    replay,
    ...(signal === undefined ? {} : { signal }),
    ...(on === undefined ? {} : { on: withRootsOf(entry, on) }),
  };
}
