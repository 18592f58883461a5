import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
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

/** The same listener, whose failure is logged: whoever tells it has others to tell, and a life to go on with. */
export function unfailingListener<Heard>(listener: (heard: Heard) => void, logger: Logger): (heard: Heard) => void {
  return (heard) => {
    try {
      listener(heard);
    } catch (error) {
      logger.error({ error: messageOf(error) }, 'a listener of the servers failed');
    }
  };
}
