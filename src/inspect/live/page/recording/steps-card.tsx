import type { FeedEvent } from '../../feed/feed-states.js';
import { count, timeOfDay } from '../parts/time-format.js';
import { useModel } from '../shell/page-context.js';
import { shortName } from './actor-names.js';
import type { OpenRecording } from './use-recording.js';

const [before, after] = [5, 9];

/** The events around the cursor: those behind it are still to come, and faint. */
export function StepsCard({ recording }: { readonly recording: OpenRecording }) {
  const { seq } = recording;
  const events = recording.around(before, after);
  return (
    <section class="card steps" aria-label="Steps">
      <header class="card-head">
        <h2>Steps</h2>
        <div class="card-actions">
          <button type="button" class="button is-quiet" onClick={() => recording.by(-10)}>
            −10<span class="unseen"> events</span>
          </button>
          <button type="button" class="button is-quiet" onClick={() => recording.by(10)}>
            +10<span class="unseen"> events</span>
          </button>
        </div>
      </header>
      {seq === 0 && (
        <p class="remark-text faint">Nothing has happened yet: the recording stands before its first event.</p>
      )}
      <ol>
        {events.map((event) => (
          <Step key={event.s} event={event} at={event.s === seq} isToCome={event.s > seq} onOpen={recording.to} />
        ))}
      </ol>
    </section>
  );
}

interface StepProps {
  readonly event: FeedEvent;
  readonly at: boolean;
  readonly isToCome: boolean;
  readonly onOpen: (seq: number) => void;
}

function Step({ event: { s, t, a, e, to, odd }, at, isToCome, onOpen }: StepProps) {
  const epoch = useModel(({ hello }) => hello?.epoch ?? 0);
  return (
    <li>
      <button
        type="button"
        class={`${isToCome ? 'is-to-come' : ''}${odd === true ? ' is-odd' : ''}`}
        title={timeOfDay(epoch + t, 'milliseconds')}
        {...(at && { 'aria-current': 'step' as const })}
        onClick={() => onOpen(s)}
      >
        <span class="mono faint">{count(s)}</span>
        <span class="cut">
          <b>{shortName(a)}</b> <code>{e}</code>
        </span>
        <small class="cut">{to.slice(to.lastIndexOf('.') + 1)}</small>
      </button>
    </li>
  );
}
