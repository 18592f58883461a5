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
  let heard: FeedMessage[] = [];
  let news: Deferred<void> = deferred();
  let hasEnded = false;
  const reading = client.feed(
    (message) => {
      heard.push(message);
      news.resolve();
    },
    { signal, rate },
  );
  const ended = reading.finally(() => {
    hasEnded = true;
    news.resolve();
  });
  // Heard of below, once all is told that came before.
  ended.catch(() => undefined);
  while (!hasEnded) {
    await news.promise;
    news = deferred();
    const batch = heard;
    heard = [];
    yield* batch;
    if (batch.at(-1)?.type === 'bye') return;
  }
  const { why } = await ended;
  if (!signal.aborted) throw new GatechartError('LINK_LOST', `the inspected process is not heard any more: ${why}`);
}
