import { useEffect, useRef, useState } from 'preact/hooks';
import type { NextMessage, PossibleEvent } from '../../feed/feed-next.js';
import type { ActorState } from '../../feed/feed-states.js';
import { useModel, usePage } from '../shell/page-context.js';

/** Milliseconds between two questions, at least. */
const mostOftenMs = 300;

const none: readonly PossibleEvent[] = [];

/**
 * What an actor would do with each event, asked of the running machine whenever something happened to the actor, but at
 * most a few times a second. Undefined: that is not known, and at an earlier time nobody can tell.
 */
export function useNextEvents(actor: ActorState | undefined): readonly PossibleEvent[] | undefined {
  const { store, requests } = usePage();
  const isLive = useModel((model) => model.feed.at === 'live') && store.time.at === 'live';
  const id = actor?.id;
  const isGone = actor === undefined || actor.ended !== undefined;
  const [answer, setAnswer] = useState<NextMessage | undefined>(undefined);
  const askedAt = useRef(0);
  // Where it is, what waits, which attempt: what guards look at.
  const { at, since, attempt, waiting, inFlight } = actor ?? {};
  const seen = `${id} ${at} ${since} ${attempt?.join()} ${waiting} ${inFlight}`;
  useEffect(() => {
    if (id === undefined || isGone || !isLive) return;
    const request = new AbortController();
    const ask = () => {
      askedAt.current = performance.now();
      requests
        .get<NextMessage>(`/next?actor=${encodeURIComponent(id)}`, request.signal)
        .then(setAnswer, () => undefined);
    };
    const timer = setTimeout(ask, Math.max(0, askedAt.current + mostOftenMs - performance.now()));
    return () => {
      clearTimeout(timer);
      request.abort();
    };
  }, [requests, seen, isGone, isLive]);
  if (isGone || !isLive) return isGone ? none : undefined;
  return answer?.actor === id ? answer?.events : undefined;
}
