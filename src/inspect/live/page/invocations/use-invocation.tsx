import { useEffect, useState } from 'preact/hooks';
import type { InvocationDetail } from '../../feed/feed-invocations.js';
import { HostRefusal } from '../feed/host-requests.js';
import { useModel, usePage } from '../shell/page-context.js';

/** What is known of an invocation that is looked at. */
export type Asked =
  | { readonly at: 'asking' }
  | { readonly at: 'known'; readonly detail: InvocationDetail }
  /** The host has let it go. */
  | { readonly at: 'gone' }
  | { readonly at: 'failed'; readonly why: string };

/** How often one that runs is asked about again. */
const againMs = 500;

/** Asks the host for all of an invocation: again while it runs, and when its row says that it has ended. */
export function useInvocation(id: string): Asked {
  const { requests } = usePage();
  const outcome = useModel(({ invocations }) => invocations.get(id)?.outcome);
  const isLive = useModel(({ feed }) => feed.at === 'live');
  const [asked, setAsked] = useState<{ readonly id: string; readonly answer: Asked }>({ id, answer: { at: 'asking' } });
  useEffect(() => {
    if (!isLive) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const answer = await answerOf(
        requests.get<InvocationDetail>(`/invocation?id=${encodeURIComponent(id)}`, stop.signal),
      );
      if (stop.signal.aborted) return;
      setAsked({ id, answer });
      const runs =
        answer.at === 'known' && answer.detail.steps.some(({ t, ms }) => t !== undefined && ms === undefined);
      if (runs) timer = setTimeout(() => void ask(), againMs);
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [requests, id, outcome, isLive]);
  return asked.id === id ? asked.answer : { at: 'asking' };
}

async function answerOf(answer: Promise<InvocationDetail>): Promise<Asked> {
  try {
    return { at: 'known', detail: await answer };
  } catch (error) {
    if (error instanceof HostRefusal && error.status === 404) return { at: 'gone' };
    return { at: 'failed', why: error instanceof Error ? error.message : String(error) };
  }
}
