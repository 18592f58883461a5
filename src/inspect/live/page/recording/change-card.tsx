import type { StepMessage } from '../../feed/feed-recording.js';
import type { ActorState, FeedEvent } from '../../feed/feed-states.js';
import { Chart } from '../chart/chart.js';
import { meaningOf } from '../parts/meaning.js';
import { StateBadge } from '../parts/state-name.js';
import { count, timeOfDay } from '../parts/time-format.js';
import { useModel } from '../shell/page-context.js';
import { firstActor, machineOfId, shortName } from './actor-names.js';
import type { OpenRecording } from './use-recording.js';

export interface ChangeCardProps {
  readonly recording: OpenRecording;
  /** Actor whose chart is shown; undefined: that of the event. */
  readonly pinned: string | undefined;
  readonly onUnpin: () => void;
}

/** Where an actor was then, and what the event changed. */
export function ChangeCard({ recording, pinned, onUnpin }: ChangeCardProps) {
  const epoch = useModel(({ hello }) => hello?.epoch ?? 0);
  const { step, seq, facts } = recording;
  const event = step?.event;
  const machines = useMachineNames();
  const first = firstActor(Object.keys(facts.tape.ribbons), machines);
  const actor = step?.actors.find(({ id }) => id === (pinned ?? event?.a));
  const name = shortName(pinned ?? event?.a ?? '');
  return (
    <section class="card changed" aria-label="What this event changed">
      <header class="card-head">
        <h2>
          {event === undefined ? 'Before the first event' : (actor?.name ?? name)}
          {step !== undefined && <small>at {timeOfDay(epoch + step.t, 'milliseconds')}</small>}
        </h2>
        {actor !== undefined && <StateBadge at={actor.at} />}
        {actor === undefined && event !== undefined && pinned === undefined && <StateBadge at={event.to} />}
        <span class="card-actions dim">
          {pinned === undefined ? (
            seq === 0 ? (
              'Play, or press →'
            ) : (
              `what event ${count(seq)} changed`
            )
          ) : (
            <button type="button" class="button is-quiet" onClick={onUnpin}>
              Follow the events
            </button>
          )}
        </span>
      </header>
      <Where actor={actor} event={event} id={pinned ?? event?.a ?? first} />
      {step !== undefined && <Changes step={step} />}
    </section>
  );
}

const noMachines = {};

function useMachineNames() {
  return useModel(({ hello }) => hello?.machines ?? noMachines);
}

interface WhereProps {
  readonly actor: ActorState | undefined;
  readonly event: FeedEvent | undefined;
  readonly id: string | undefined;
}

/** The chart of the actor; of one that has ended by then, as its event says. */
function Where({ actor, event, id }: WhereProps) {
  const machines = useMachineNames();
  const machine = actor?.machine ?? (id === undefined ? undefined : machineOfId(id, machines));
  if (machine === undefined) return null;
  const own = event?.a === id ? event : undefined;
  const at = actor?.at ?? own?.to ?? '';
  const last = actor === undefined && own !== undefined ? { event: own.e, from: own.from, t: own.t } : actor?.last;
  return (
    <div class="changed-chart">
      <Chart
        machine={machine}
        form="map"
        at={at}
        last={last}
        next={[]}
        timer={actor?.timer}
        since={actor?.since}
        meaning={meaningOf(at)}
      />
    </div>
  );
}

function Changes({ step: { event, changed } }: { readonly step: StepMessage }) {
  const guards = Object.entries(event.guard ?? {});
  return (
    <table class="changed-values">
      <caption class="unseen">What event {event.s} changed</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">what</th>
          <th scope="col">was</th>
          <th scope="col">is</th>
        </tr>
      </thead>
      <tbody>
        {event.from !== event.to && <Change name="state" was={event.from} now={event.to} />}
        {changed.map(({ name, was, now }) => (
          <Change key={name} name={name} was={was} now={now} />
        ))}
        {guards.map(([guard, holds]) => (
          <Change key={guard} name="guard" was={guard} now={String(holds)} />
        ))}
        {event.did !== undefined && event.did.length > 0 && <Change name="did" was="" now={event.did.join(', ')} />}
        {event.from === event.to && changed.length === 0 && (
          <tr>
            <td colSpan={3} class="faint">
              It stayed where it was, and kept all it knew.
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Change({ name, was, now }: { readonly name: string; readonly was: string; readonly now: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <code class="dim cut">{was}</code>
      </td>
      <td>
        <code class="cut" title={now}>
          {now}
        </code>
      </td>
    </tr>
  );
}
