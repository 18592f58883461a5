import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { FeedClient } from '../feed/feed-client.js';
import type { HostRequests } from '../feed/host-requests.js';
import type { KeyBindings } from '../keys/key-bindings.js';
import type { Question } from '../parts/confirmation.js';
import type { FrameListener, FrameLoop } from '../parts/frame-loop.js';
import type { LostRoute, Route } from '../routes/route.js';
import type { Model } from '../store/model.js';
import type { Store } from '../store/store.js';

/** What every view has at hand. */
export interface Page {
  readonly store: Store;
  readonly feed: FeedClient;
  readonly requests: HostRequests;
  readonly frames: FrameLoop;
  readonly keys: KeyBindings;
  readonly route: Route | LostRoute;
  /** Where the page goes to, also before that is drawn: what several quick keys count from. */
  readonly routeNow: () => Route | LostRoute;
  /** Goes to another place. A change inside a view replaces it, so that *back* leaves the view. */
  readonly go: (route: Route, how?: 'push' | 'replace') => void;
  /** Says what was done, for some seconds. */
  readonly say: (text: string) => void;
  /** Whether a person wants it done. */
  readonly ask: (question: Question) => Promise<boolean>;
}

const PageContext = createContext<Page | undefined>(undefined);

export const PageProvider = PageContext.Provider;

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('There is no page around this.');
  return page;
}

/**
 * What of the shown model a component needs: it is drawn again when that is another one.
 *
 * @param isSame for what is made anew each time
 */
export function useModel<Selected>(
  select: (model: Model) => Selected,
  isSame: (one: Selected, other: Selected) => boolean = Object.is,
): Selected {
  const { store, frames } = usePage();
  const [, redraw] = useState(0);
  const selected = select(store.shown);
  const latest = useRef({ select, selected, isSame });
  const before = latest.current.selected;
  latest.current = { select, selected: isSame(before, selected) ? before : selected, isSame };
  useEffect(
    () =>
      frames.onNews(() => {
        const { select, selected, isSame } = latest.current;
        if (!isSame(selected, select(store.shown))) redraw((times) => times + 1);
      }),
    [store, frames],
  );
  return latest.current.selected;
}

/**
 * Moves something in each frame, with the time at the host in milliseconds since its epoch.
 *
 * @param drawnFrom what it is drawn from besides time: where that is another one it is drawn at once, also where frames are rare
 */
export function useFrame(listener: FrameListener, drawnFrom: readonly unknown[] = []): void {
  const { frames } = usePage();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => frames.onFrame((now) => latest.current(now)), [frames, ...drawnFrom]);
}

/** The route, where it leads somewhere: inside a view it does. */
export function useRoute(): Route {
  const { route } = usePage();
  return 'problem' in route ? { view: 'overview' } : route;
}

/** Whether the host takes orders, and what is shown is what is: else there is nothing to press. */
export function useControl(): boolean {
  const { store } = usePage();
  return useModel(({ feed, hello }) => feed.at === 'live' && hello?.control === true) && store.time.at === 'live';
}
