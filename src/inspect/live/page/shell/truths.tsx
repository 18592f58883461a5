import { Countdown } from '../parts/moving-time.js';
import { count, timeOfDay } from '../parts/time-format.js';
import { useModel, usePage } from './page-context.js';

/** What has to be known of all that is shown: whether it is live, how much of it is drawn, what is hidden, what may be done. */
export function Truths() {
  const { store } = usePage();
  const feed = useModel((model) => model.feed);
  const hello = useModel((model) => model.hello);
  const perSecond = useModel((model) => model.eventsPerSecond);
  const sample = useModel((model) => model.samples.get('invocations'));
  const t = useModel((model) => model.t);
  const held = store.time.at === 'held';
  const [light, word] = held && feed.at === 'live' ? (['held', 'Held'] as const) : lights[feed.at];
  const rate = held
    ? timeOfDay((hello?.epoch ?? 0) + t)
    : perSecond === undefined
      ? ''
      : `${count(perSecond)} events/s`;
  return (
    <dl class="truths">
      <div>
        <dt title={word}>
          <span class={`feed-light is-${light}`} />
          {word}
        </dt>
        <dd>{feed.at === 'lost' ? <Retry at={feed.retryAt} /> : feed.at === 'live' ? rate : ''}</dd>
      </div>
      <div>
        <dt>Invocations drawn</dt>
        <dd>{sample === undefined || sample.drawn <= 1 ? 'all' : `1 in ${sample.drawn}`}</dd>
      </div>
      <div>
        <dt>Payloads</dt>
        <dd>{hello?.payloads ?? 'unknown'}</dd>
      </div>
      <div>
        <dt>Control</dt>
        <dd>{hello === undefined ? 'unknown' : hello.control ? 'allowed' : 'read only'}</dd>
      </div>
    </dl>
  );
}

const lights = {
  signingIn: ['loading', 'Signing in'],
  loading: ['loading', 'Loading'],
  live: ['live', 'Live'],
  lost: ['lost', 'Feed lost'],
  ended: ['lost', 'Ended'],
  refused: ['lost', 'Not let in'],
} as const;

/** Goes by the clock of the browser: the one of the host stands still. */
function Retry({ at }: { readonly at: number }) {
  const { store } = usePage();
  return <Countdown due={at + (store.now() - performance.now())} prefix="tries in " />;
}
