import { useRef } from 'preact/hooks';
import { Shape } from '../parts/shape.js';
import { timeOfDay } from '../parts/time-format.js';
import { useFrame, useModel, usePage } from './page-context.js';

/** Says when what is to be seen is no longer what is, and since when. */
export function FeedNotice() {
  const { store, feed: client } = usePage();
  const feed = useModel((model) => model.feed);
  const epoch = useModel((model) => model.hello?.epoch);
  if (feed.at === 'signingIn' || feed.at === 'loading' || feed.at === 'live') return null;
  const from =
    epoch === undefined ? '' : `What you see is from ${timeOfDay(epoch + store.live.t)}. Timers stand still. `;
  return (
    <div class="notice is-failed" role="status">
      <Shape of="cross" />
      <span>
        {feed.at === 'lost' && (
          <>
            <b>
              No news for <Silence since={feed.since} />.
            </b>{' '}
            {from}It is tried again.
          </>
        )}
        {feed.at === 'ended' && (
          <>
            <b>The process has ended: {feed.why}.</b> {from}
          </>
        )}
        {feed.at === 'refused' && (
          <>
            <b>This page was not let in.</b> {feed.why} {from}
          </>
        )}
      </span>
      {feed.at !== 'refused' && (
        <button type="button" class="button" onClick={() => client.open()}>
          Try now
        </button>
      )}
    </div>
  );
}

/** Seconds of the browser: the host says nothing. */
function Silence({ since }: { readonly since: number }) {
  const element = useRef<HTMLSpanElement>(null);
  useFrame(() => {
    const text = `${Math.max(0, Math.round((performance.now() - since) / 1000))} s`;
    if (element.current !== null && element.current.textContent !== text) element.current.textContent = text;
  });
  return <span ref={element} aria-live="off" />;
}
