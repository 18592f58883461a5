import { InspectorClient } from '../../inspect/live/client/inspector-client.js';
import type { TopSource } from './top-source.js';

/** Deltas a second: the screen is drawn twice in one. */
const rate = 4;

/**
 * A process that is inspected, at the address that it has printed.
 *
 * @throws GatechartError CONFIG_INVALID, SERVER_UNAVAILABLE
 */
export async function inspectedSource(url: string): Promise<TopSource> {
  const client = await InspectorClient.open(url);
  return {
    messages: client.feed({ rate }),
    next: (actor) => client.next(actor),
    invocation: (id) => client.invocation(id),
    close: () => client.close(),
  };
}
