import { useKeys } from '../keys/listen-to-keys.js';
import type { RecordingFacts } from '../../feed/feed-recording.js';
import { EmptyState } from '../parts/empty-state.js';
import { Shape } from '../parts/shape.js';
import { useModel, usePage, useRoute } from '../shell/page-context.js';
import { ChangeCard } from './change-card.js';
import { RecordingActions } from './recording-actions.js';
import { departureText, factsText } from './recording-words.js';
import { StepsCard } from './steps-card.js';
import { TapeCard } from './tape-card.js';
import { type OpenRecording, useRecording } from './use-recording.js';

/** A recording: one cursor for all of it. */
export function RecordingView() {
  const facts = useModel(({ hello }) => hello?.recording);
  if (facts !== undefined) return <Recording facts={facts} />;
  return (
    <div class="view">
      <h1>No recording is open</h1>
      <EmptyState title="This is a process that runs" command="gatechart inspect recording.jsonl">
        Run it with --record recording.jsonl, and open the file afterwards: every event again, back and forth.
      </EmptyState>
    </div>
  );
}

function Recording({ facts }: { readonly facts: RecordingFacts }) {
  const { go } = usePage();
  const route = useRoute();
  const recording = useRecording(facts);
  useKeys([
    { key: ' ', does: 'play, or pause', run: recording.togglePlaying },
    { key: 'ArrowLeft', does: 'one event back', run: () => recording.by(-1) },
    { key: 'ArrowRight', does: 'one event on', run: () => recording.by(1) },
    { key: 'Shift+ArrowLeft', does: 'ten events back', run: () => recording.by(-10) },
    { key: 'Shift+ArrowRight', does: 'ten events on', run: () => recording.by(10) },
  ]);
  const pinned = route.id;
  const { id: _id, ...unpinned } = route;
  const pin = (actor: string) => go(actor === pinned ? unpinned : { ...route, id: actor }, 'replace');
  return (
    <div class="view recording">
      <header class="view-head">
        <h1>{facts.file}</h1>
        <span class="dim">{factsText(facts).join(' · ')}</span>
        <div class="view-actions">
          <RecordingActions recording={recording} />
        </div>
      </header>
      <DepartureNotice recording={recording} />
      <TapeCard recording={recording} actor={pinned ?? recording.step?.event.a} onActor={pin} />
      <div class="columns">
        <ChangeCard recording={recording} pinned={pinned} onUnpin={() => go(unpinned, 'replace')} />
        <StepsCard recording={recording} />
      </div>
    </div>
  );
}

function DepartureNotice({ recording: { facts, to } }: { readonly recording: OpenRecording }) {
  const departure = departureText(facts);
  if (departure === undefined) return null;
  return (
    <div class="notice is-reconnecting">
      <Shape of="timedOut" />
      <span>
        <b>{departure.head}</b> {departure.text}
      </span>
      <button type="button" class="button" onClick={() => to(departure.first.seq)}>
        Go there
      </button>
    </div>
  );
}
