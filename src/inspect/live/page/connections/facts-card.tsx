import type { PossibleEvent } from '../../feed/feed-next.js';
import type { ActorState, Ribbon } from '../../feed/feed-states.js';
import { meaningOf } from '../parts/meaning.js';
import { CountdownRing, Countdown, Elapsed } from '../parts/moving-time.js';
import { RibbonCanvas } from '../parts/ribbon-canvas.js';
import { RibbonAxis } from '../parts/ribbon-key.js';
import { Shape } from '../parts/shape.js';
import { count, duration, timeOfDay } from '../parts/time-format.js';
import { useModel, usePage } from '../shell/page-context.js';
import { targetOfTimer } from './next-events.js';

export interface FactsCardProps {
  readonly actor: ActorState;
  readonly ribbon: Ribbon;
  readonly next: readonly PossibleEvent[] | undefined;
}

/** What comes next and when, the attempt, the calls, the last five minutes and the last error. */
export function FactsCard({ actor, ribbon, next }: FactsCardProps) {
  return (
    <section class="card" aria-label="Now">
      <div class="facts">
        <NextFact actor={actor} next={next} />
        <AttemptFact actor={actor} />
        <CallsFact actor={actor} />
      </div>
      <div class="facts-ribbon">
        <RibbonCanvas ribbon={ribbon} {...(actor.ended !== undefined && { until: actor.ended })} />
        {actor.ended === undefined && <RibbonAxis />}
      </div>
      <ErrorFact actor={actor} />
    </section>
  );
}

function NextFact({ actor, next }: { readonly actor: ActorState; readonly next: FactsCardProps['next'] }) {
  const { store } = usePage();
  const { timer, at, ended } = actor;
  if (ended !== undefined) {
    return (
      <div class="fact">
        <span class="fact-name">next</span>
        <b>nothing: it has ended</b>
        <span class="dim">in {at}</span>
      </div>
    );
  }
  if (timer === undefined) {
    return (
      <div class="fact">
        <span class="fact-name">next</span>
        <b>{store.time.at === 'held' ? 'unknown, at an earlier time' : 'no timer runs'}</b>
        <span class="dim">
          in {at.split('.').at(-1)} for <Elapsed since={actor.since} />
        </span>
      </div>
    );
  }
  const target = targetOfTimer(next ?? [], timer.event);
  return (
    <div class="fact has-ring">
      <CountdownRing timer={timer} meaning={meaningOf(at)} size={64} />
      <span class="fact-name">next</span>
      <b>{target ?? timer.event}</b>
      <span class="dim">
        {target === undefined ? '' : `${timer.event}, `}
        <Countdown due={timer.due} />
      </span>
    </div>
  );
}

function AttemptFact({ actor: { attempt, at } }: { readonly actor: ActorState }) {
  if (attempt === undefined) return null;
  const [now, of] = attempt;
  return (
    <div class="fact">
      <span class="fact-name">attempt</span>
      <b>
        {now} of {of}
      </b>
      {of <= 12 && (
        <span class={`attempt-dots is-${meaningOf(at)}`} aria-hidden="true">
          {Array.from({ length: of }, (_none, index) => (
            <i key={index} class={index < now ? 'is-used' : ''} />
          ))}
        </span>
      )}
    </div>
  );
}

function CallsFact({ actor: { waiting, maxWaiting, inFlight, perSecond, p50, p99 } }: { readonly actor: ActorState }) {
  const rates = [
    ...(perSecond === undefined ? [] : [`${count(perSecond)}/s`]),
    ...(p50 === undefined ? [] : [`p50 ${duration(p50)}`]),
    ...(p99 === undefined ? [] : [`p99 ${duration(p99)}`]),
  ];
  return (
    <div class="fact">
      <span class="fact-name">calls</span>
      <b>
        {waiting === undefined
          ? 'unknown'
          : waiting === 0
            ? 'none waits'
            : `${count(waiting)} ${waiting === 1 ? 'waits' : 'wait'}`}
      </b>
      <span class="dim">
        {maxWaiting !== undefined && `of ${count(maxWaiting)}, `}
        {inFlight === undefined ? 'in flight unknown' : `${count(inFlight)} in flight`}
      </span>
      {rates.length > 0 && <span class="dim">{rates.join(' · ')}</span>}
    </div>
  );
}

function ErrorFact({ actor: { error, last } }: { readonly actor: ActorState }) {
  const epoch = useModel((model) => model.hello?.epoch ?? 0);
  if (error === undefined) return null;
  return (
    <div class="last-error">
      <Shape of="cross" />
      <div>
        <p class="mono is-failed">
          {error.code} {error.message}
        </p>
        <p class="dim">
          {timeOfDay(epoch + error.t, 'milliseconds')}
          {last !== undefined && ` · then ${last.event}, from ${last.from}`}
        </p>
      </div>
    </div>
  );
}
