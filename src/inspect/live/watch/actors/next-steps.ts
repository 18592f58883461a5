import type { AnyMachineSnapshot } from 'xstate';
import { possibleSteps } from '../../../../actors/state-explanation.js';
import { ProgrammedActor } from '../../../../actors/programmed-actor.js';
import type { PossibleEvent } from '../../feed/feed-next.js';
import type { TimerState } from '../../feed/feed-states.js';
import type { ActorRecord } from './actor-record.js';
import { guardFact } from './guard-facts.js';

/** What an actor would do now with each event that it takes. @param timer the one that runs */
export function nextSteps(record: ActorRecord, timer: TimerState | undefined): PossibleEvent[] {
  if (record.hasEnded) return [];
  const { words, context, at } = record;
  return possibleSteps(snapshotOf(record)).map((step): PossibleEvent => {
    const { type, source, guard, holds, isShadowed, actions, target, isTimed } = step;
    const because = guard === undefined ? undefined : guardFact(guard, context);
    const event = words.event(type, source === '' ? at : source);
    return {
      e: event,
      src: source,
      ...(guard !== undefined && { guard }),
      ...(holds !== undefined && { holds }),
      ...(because !== undefined && { because }),
      ...(isShadowed && { shadowed: true }),
      ...(actions.length > 0 && { does: actions }),
      ...(step.stays ? {} : { to: target }),
      ...(isTimed && timer?.event === event && { due: timer.due }),
    };
  });
}

/** A programmed actor has no snapshot of XState's: the machine makes one of its state. */
function snapshotOf({ actor, words }: ActorRecord): AnyMachineSnapshot {
  if (!(actor instanceof ProgrammedActor)) return actor.getSnapshot() as AnyMachineSnapshot;
  const { value, context } = actor.getSnapshot();
  return words.machine.resolveState({ value, context });
}
