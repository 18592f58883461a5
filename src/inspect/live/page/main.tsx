import { render } from 'preact';
import { FeedClient } from './feed/feed-client.js';
import { HostRequests } from './feed/host-requests.js';
import { swapToken, tokenIn } from './feed/sign-in.js';
import { browserClock } from './parts/browser-clock.js';
import { FrameLoop } from './parts/frame-loop.js';
import { PageRoot } from './shell/page-root.js';
import { restoreTheme } from './shell/theme.js';
import { Store } from './store/store.js';

const keyPlace = 'gatechart.key';
const keys = {
  get: () => sessionStorage.getItem(keyPlace) ?? undefined,
  set: (key: string) => sessionStorage.setItem(keyPlace, key),
};

const store = new Store(() => browserClock.now());
const requests = new HostRequests(keys.get);
const feed = new FeedClient({ store, requests, clock: browserClock });
const frames = new FrameLoop(() => store.now());
store.onChange(frames.news);

// Before anything else: whoever looks over a shoulder, or at the history, finds no token.
const brought = tokenIn(location.hash);
if (brought !== undefined) history.replaceState(undefined, '', brought.rest === '' ? '#/overview' : brought.rest);

restoreTheme();
render(<PageRoot store={store} feed={feed} requests={requests} frames={frames} />, document.body);
document.addEventListener('visibilitychange', () => feed.setSlow(document.hidden));
void start();

async function start(): Promise<void> {
  try {
    if (brought !== undefined) await swapToken(brought.token, keys);
    feed.open();
  } catch (error) {
    store.setFeed({ at: 'refused', why: error instanceof Error ? error.message : String(error) });
  }
}
