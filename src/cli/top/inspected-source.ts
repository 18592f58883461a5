import { GatechartError } from '../../errors.js';
import { InspectorClient } from '../../inspect/live/client/inspector-client.js';
import type { FeedMessage } from '../../inspect/live/feed/messages.js';
import { type Deferred, deferred } from '../../time/deferred.js';
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
  const leaving = new AbortController();
  return {
    messages: messagesOf(client, leaving.signal),
    next: (actor) => client.next(actor),
    invocation: (id) => client.invocation(id),
    close: async () => leaving.abort(),
  };
}

async function* messagesOf(client: InspectorClient, signal: AbortSignal): AsyncGenerator<FeedMessage, void> {
  const heard: FeedMessage[] = [];
  let news: Deferred<void> = deferred();
  const reading = client.feed(
    (message) => {
      heard.push(message);
      news.resolve();
    },
    { signal, rate },
  );
  const end = reading.then(
    ({ why }) => new GatechartError('LINK_LOST', `the inspected process is not heard any more: ${why}`),
    (error: unknown) => error,
  );
  for (;;) {
    const lost = await Promise.race([news.promise, end]);
    news = deferred();
    const batch = heard.splice(0);
    yield* batch;
    if (batch.at(-1)?.type === 'bye' || (lost !== undefined && signal.aborted)) return;
    if (lost !== undefined) throw lost;
  }
}
