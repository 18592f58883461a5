import { useEffect, useState } from 'preact/hooks';
import type { KeyBinding } from '../keys/key-bindings.js';
import { timeOfDay } from '../parts/time-format.js';
import { stepAt } from '../recording/step-answers.js';
import { isLoaded } from '../store/model.js';
import { modelOfStep } from '../store/model-at.js';
import { useModel, usePage, useRoute } from './page-context.js';

/** Keeps the time that is shown at the event that the address names. Returns what is wrong with that, in words. */
export function useTimeOfRoute(): string | undefined {
  const { store, requests, route, go } = usePage();
  const { seq } = useRoute();
  const last = useModel(({ hello }) => hello?.recording?.events ?? 0);
  const isRecording = useModel((model) => model.hello?.source === 'recording');
  const ready = useModel((model) => (isRecording || isLoaded(model)) && model.feed.at !== 'loading');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  useEffect(() => {
    setProblem(undefined);
    // A recording is never live: it opens in its own view, before its first event.
    if (seq === undefined && isRecording && !('problem' in route)) {
      return go({ ...route, view: route.view === 'overview' ? 'recording' : route.view, seq: 0 }, 'replace');
    }
    if (seq === undefined) return store.goLive();
    if (!ready) return;
    if (!isRecording) return setProblem(problemOf(seq, store.hold(seq)));
    if (seq > last) return setProblem(`The recording has no event ${seq}. Its last one is ${last}.`);
    // Before its first event there is nobody.
    if (seq === 0) return store.holdModel({ ...store.live, seq, actors: new Map() });
    let isWanted = true;
    stepAt(requests, seq)
      .then((step) => isWanted && store.holdModel(modelOfStep(store.live, step)))
      .catch((error: unknown) => isWanted && setProblem(error instanceof Error ? error.message : String(error)));
    return () => {
      isWanted = false;
    };
  }, [store, requests, seq, ready, isRecording]);
  return problem;
}

function problemOf(asked: number, held: number | undefined): string | undefined {
  if (held === asked) return undefined;
  if (held === undefined) return `Event ${asked} is not held. No event is.`;
  return `Event ${asked} is no longer held. The nearest is ${held}, and that is what you see.`;
}

/** Holds, lets go, and goes from event to event. */
export function useTimeKeys(): { readonly isHeld: boolean; readonly toggle: () => void; readonly keys: KeyBinding[] } {
  const { store, go, routeNow } = usePage();
  const route = useRoute();
  const isHeld = route.seq !== undefined;
  const recorded = useModel(({ hello }) => hello?.recording?.events);
  const at = (seq: number) => go({ ...route, seq }, 'replace');
  const toggle = () => {
    if (recorded !== undefined) return;
    const { seq: _seq, ...live } = route;
    if (isHeld) go(live, 'replace');
    else at(store.live.seq);
  };
  const step = (by: number) => {
    const now = routeNow();
    const meant = 'problem' in now ? undefined : now.seq;
    if (recorded !== undefined) return at(Math.max(0, Math.min(recorded, (meant ?? 0) + by)));
    const { time, live } = store;
    const { events } = time.at === 'held' ? time.base : live;
    const seq = Math.min(meant ?? live.seq, live.seq);
    const index = events.firstWhere(({ s }) => s > seq) - 1;
    const event = events.at(Math.max(0, Math.min(events.length - 1, index + by)));
    if (event !== undefined) at(event.s);
  };
  return {
    isHeld,
    toggle,
    keys: [
      { key: ' ', does: 'hold the time, or go live', run: toggle },
      { key: 'ArrowLeft', does: 'one event back', run: () => step(-1) },
      { key: 'ArrowRight', does: 'one event on', run: () => step(1) },
      { key: 'Shift+ArrowLeft', does: 'ten events back', run: () => step(-10) },
      { key: 'Shift+ArrowRight', does: 'ten events on', run: () => step(10) },
    ],
  };
}

/** Says at which event everything is held, and how much has happened since. */
export function TimeNotice({ problem }: { readonly problem: string | undefined }) {
  const { store } = usePage();
  const { toggle, keys } = useTimeKeys();
  const epoch = useModel((model) => model.hello?.epoch ?? 0);
  const t = useModel((model) => model.t);
  const isRecording = useModel((model) => model.hello?.source === 'recording');
  // What happened since is news of the live model, not of the held one.
  useModel(() => (store.time.at === 'held' ? store.live.seq : 0));
  const { time, live } = store;
  if (problem !== undefined) {
    return (
      <div class="notice is-reconnecting" role="status">
        <span>{problem}</span>
        {!isRecording && (
          <button type="button" class="button" onClick={toggle}>
            Go live
          </button>
        )}
      </div>
    );
  }
  if (time.at !== 'held' || isRecording) return null;
  const missed = live.seq - time.seq;
  return (
    <div class="notice">
      <span>
        <b>
          Held at event {time.seq}, {timeOfDay(epoch + t, 'milliseconds')}.
        </b>{' '}
        {missed === 0 ? 'It is the last one.' : `${missed.toLocaleString('en-US')} since then.`}
      </span>
      <button type="button" class="button" onClick={keys[1]?.run} aria-label="One event back">
        ←
      </button>
      <button type="button" class="button" onClick={keys[2]?.run} aria-label="One event on">
        →
      </button>
      <button type="button" class="button" onClick={toggle}>
        Go live
      </button>
    </div>
  );
}
