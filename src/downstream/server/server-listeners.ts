import type { Listeners } from '../../transports/listeners.js';
import type { Listed, ServerChange } from '../server-set-api.js';

/** What a server says that belongs to no call, and on whose session; undefined where several clients have it. */
export interface ServerSaying {
  readonly notification: { readonly method: string; readonly params?: Listed };
  readonly client: { readonly id: string } | undefined;
}

/** What all servers of a set tell it. */
export interface ServerListeners {
  readonly changes: Listeners<ServerChange>;
  readonly sayings: Listeners<{ readonly server: string } & ServerSaying>;
}
