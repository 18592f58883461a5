import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { FeedClient } from '../feed/feed-client.js';
import { isStale } from '../feed/feed-state.js';
import type { HostRequests } from '../feed/host-requests.js';
import { KeyBindings } from '../keys/key-bindings.js';
import { listenToKeys, useKeys } from '../keys/listen-to-keys.js';
import { Confirmation, type Question } from '../parts/confirmation.js';
import { EmptyState } from '../parts/empty-state.js';
import type { FrameLoop } from '../parts/frame-loop.js';
import { parseRoute, printRoute, type Route, viewNames } from '../routes/route.js';
import type { Store } from '../store/store.js';
import { Announcer } from './announcer.js';
import { FeedNotice } from './feed-notice.js';
import { HelpDialog } from './help-dialog.js';
import { Rail, Tabs } from './navigation.js';
import { type Page, PageProvider, useModel, usePage, useRoute } from './page-context.js';
import { TimeNotice, useTimeKeys, useTimeOfRoute } from './shown-time.js';
import { toggleTheme } from './theme.js';
import { TopBar } from './top-bar.js';
import { views } from './views.js';

/** How long something that was done is told, in milliseconds. */
const saidForMs = 4_000;

export interface PageRootProps {
  readonly store: Store;
  readonly feed: FeedClient;
  readonly requests: HostRequests;
  readonly frames: FrameLoop;
}

/** The page: what every view needs, and the view that the address names. */
export function PageRoot({ store, feed, requests, frames }: PageRootProps) {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  const latest = useRef(route);
  const [said, setSaid] = useState('');
  const [asked, setAsked] = useState<{ question: Question; answer: (yes: boolean) => void } | undefined>(undefined);
  const keys = useMemo(() => new KeyBindings(), []);
  useEffect(() => {
    const read = () => setRoute((latest.current = parseRoute(location.hash)));
    addEventListener('hashchange', read);
    const stop = listenToKeys(keys);
    return () => {
      removeEventListener('hashchange', read);
      stop();
    };
  }, [keys]);
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), saidForMs);
    return () => clearTimeout(timer);
  }, [said]);
  const page = useMemo<Page>(
    () => ({
      store,
      feed,
      requests,
      frames,
      keys,
      route,
      go: (next: Route, how = 'push') => {
        const hash = printRoute(next);
        if (how === 'push') history.pushState(undefined, '', hash);
        else history.replaceState(undefined, '', hash);
        setRoute((latest.current = next));
      },
      routeNow: () => latest.current,
      say: setSaid,
      ask: (question) => new Promise((answer) => setAsked({ question, answer })),
    }),
    [store, feed, requests, frames, keys, route],
  );
  return (
    <PageProvider value={page}>
      <Frame />
      {asked !== undefined && (
        <Confirmation
          question={asked.question}
          onAnswer={(yes) => {
            asked.answer(yes);
            setAsked(undefined);
          }}
        />
      )}
      <div class="unseen" role="status" aria-live="polite">
        {said}
      </div>
      {said !== '' && (
        <div class="toast" aria-hidden="true">
          {said}
        </div>
      )}
    </PageProvider>
  );
}

function Frame() {
  const { route, go } = usePage();
  const { seq } = useRoute();
  const stale = useModel((model) => isStale(model.feed));
  const name = useModel((model) => model.hello?.host.name);
  useEffect(() => {
    document.title = name === undefined ? 'gatechart' : `${name}, gatechart`;
  }, [name]);
  const [help, setHelp] = useState(false);
  const problem = useTimeOfRoute();
  const { keys } = useTimeKeys();
  const held = seq === undefined ? {} : { seq };
  useKeys([
    ...viewNames.map((view, index) => ({
      key: String(index + 1),
      does: views[view].title,
      run: () => go({ view, ...held }),
    })),
    ...keys,
    { key: 't', does: 'light or dark', run: toggleTheme },
    { key: '?', does: 'these keys', run: () => setHelp(true) },
  ]);
  const View = 'problem' in route ? undefined : views[route.view].component;
  return (
    <div class={`page ${stale ? 'is-stale' : ''}`}>
      <TopBar onHelp={() => setHelp(true)} />
      <Rail />
      <main tabIndex={-1}>
        <div class="notices">
          <FeedNotice />
          <TimeNotice problem={problem} />
        </div>
        {View === undefined ? <Nowhere /> : <View />}
      </main>
      <Tabs />
      <Announcer />
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </div>
  );
}

function Nowhere() {
  const { route } = usePage();
  return (
    <div class="view">
      <h1>This address leads nowhere</h1>
      <EmptyState title={'problem' in route ? route.problem : ''}>
        <a class="button" href={printRoute({ view: 'overview' })}>
          Overview
        </a>
      </EmptyState>
    </div>
  );
}
