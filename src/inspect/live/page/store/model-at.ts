import type { StepMessage } from '../../feed/feed-recording.js';
import type { ActorState } from '../../feed/feed-states.js';
import type { Model } from './model.js';
import { ribbonUpTo } from './ribbon-history.js';

/** How everything was after one event, and which event that is: the nearest one that is held. */
export interface HeldModel {
  readonly model: Model;
  readonly seq: number;
}

/**
 * Runs a model back to an event. Where an actor was is known; its timer, its attempt and its counts then are not, and are
 * left out rather than shown as they are now. Undefined where no event is held.
 */
export function modelAt(model: Model, seq: number): HeldModel | undefined {
  if (seq >= model.seq) return { model, seq: model.seq };
  const { events } = model;
  const next = events.firstWhere(({ s }) => s > seq);
  const event = events.at(Math.max(0, next - 1));
  if (event === undefined) return undefined;
  const end = Math.max(1, next);
  const t = event.t;
  const actors = new Map(
    [...model.actors, ...model.gone].filter(
      ([, { began, ended }]) => began <= t && !(ended !== undefined && ended <= t),
    ),
  );
  for (let index = events.length - 1; index >= end; index--) {
    const later = events.at(index);
    const actor = later && actors.get(later.a);
    if (later !== undefined && actor !== undefined) actors.set(later.a, { ...placeOf(actor), at: later.from });
  }
  const since = new Map<string, number>();
  const kept = events.upTo(end);
  for (const { a, t, from, to } of kept) if (from !== to) since.set(a, t);
  for (const [id, actor] of actors) {
    const known = model.actors.get(id);
    const came = since.get(id);
    if (known !== undefined && known.at !== actor.at && came !== undefined) actors.set(id, { ...actor, since: came });
  }
  return {
    seq: event.s,
    model: {
      ...model,
      seq: event.s,
      t,
      actors,
      gone: new Map([...model.gone].filter(([, { ended }]) => ended !== undefined && ended <= t)),
      events: kept,
      ribbons: new Map([...model.ribbons].map(([id, ribbon]) => [id, ribbonUpTo(ribbon, t)])),
      seconds: model.seconds.filter(({ second }) => (second + 1) * 1000 <= t),
      invocations: new Map(
        [...model.invocations].flatMap(([id, row]) => {
          if (row.t > t) return [];
          if (row.decided === undefined || row.t + row.decided <= t) return [[id, row] as const];
          const { decided: _decided, by: _by, ...running } = row;
          return [[id, { ...running, outcome: 'running' } as const] as const];
        }),
      ),
    },
  };
}

/** A model as one step of a recording says. */
export function modelOfStep(model: Model, step: StepMessage): Model {
  return { ...model, seq: step.seq, t: step.t, actors: new Map(step.actors.map((actor) => [actor.id, actor])) };
}

/** What stays true of an actor whatever state it is in. */
function placeOf({ id, kind, machine, name, at, since, began, target }: ActorState): ActorState {
  return { id, kind, machine, name, at, since, began, ...(target !== undefined && { target }) };
}
