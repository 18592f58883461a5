/** Where the page stands with its feed. `since` and `retryAt` are milliseconds of the browser's monotonic clock. */
export type FeedState =
  /** The token of the address is being swapped for a key. */
  | { readonly at: 'signingIn' }
  /** The feed is being opened, or its snapshot is coming in. */
  | { readonly at: 'loading' }
  /** What is shown is what is. */
  | { readonly at: 'live' }
  /** Nothing comes any more. The last picture is kept, and the feed is asked for again at `retryAt`. */
  | { readonly at: 'lost'; readonly since: number; readonly retryAt: number; readonly why: string }
  /** The host has said that it ends. Nothing is tried again: the next process has an address of its own. */
  | { readonly at: 'ended'; readonly why: string }
  /** The host does not want this page. Nothing is tried again: it takes a new address. */
  | { readonly at: 'refused'; readonly why: string };

/** Whether what is shown is no longer what is. */
export function isStale(feed: FeedState): boolean {
  return feed.at === 'lost' || feed.at === 'ended' || feed.at === 'refused';
}
