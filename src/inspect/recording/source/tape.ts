import type { InvocationOutcome } from '../../live/feed/feed-invocations.js';
import type { RecordingFacts } from '../../live/feed/feed-recording.js';
import type { Ribbon } from '../../live/feed/feed-states.js';
import type { Recording } from '../read/recording.js';
import type { Timeline } from '../replay/timeline.js';
import { kindOf } from '../../live/watch/actors/actor-kinds.js';
import { decisionAt } from './event-view.js';

/** What a tape shows at most: it is drawn, and told before anything else. */
const mostRibbons = 200;
const mostStates = 500;
const mostDecisions = 4000;

/** A ribbon for each actor that lives long, and the decisions. */
export function tapeOf(recording: Recording, timeline: Timeline): RecordingFacts['tape'] {
  const ribbons: Record<string, Ribbon> = {};
  let count = 0;
  for (const [index, { id, machine }] of recording.actors.entries()) {
    if (count >= mostRibbons) break;
    if (isShort(machine)) continue;
    count += 1;
    ribbons[id] = ribbonOf(recording, timeline.placesOf(index));
  }
  return { ribbons, decisions: decisionsOf(recording) };
}

/** Whether so many actors of a machine live at a time, and so shortly, that each by itself says little. */
export function isShort(machine: string): boolean {
  return ['invocation', 'call', 'gatewayCall'].includes(kindOf(machine));
}

function ribbonOf({ events }: Recording, places: Uint32Array): Ribbon {
  const ribbon: (readonly [number, string])[] = [];
  for (const place of places) {
    const { to } = events.stepAt(place);
    if (ribbon.at(-1)?.[1] !== to) ribbon.push([events.t[place] ?? 0, to]);
  }
  return thinned(ribbon, mostStates);
}

/** What was not passed comes first where there are too many. */
function decisionsOf(recording: Recording): RecordingFacts['tape']['decisions'] {
  const decisions: (readonly [t: number, seq: number, outcome: InvocationOutcome])[] = [];
  for (let place = 0; place < recording.events.length; place++) {
    const outcome = decisionAt(recording, place);
    if (outcome !== undefined) decisions.push([recording.events.t[place] ?? 0, place + 1, outcome]);
  }
  if (decisions.length <= mostDecisions) return decisions;
  const odd = thinned(
    decisions.filter(([, , outcome]) => outcome !== 'passed'),
    mostDecisions / 2,
  );
  const passed = thinned(
    decisions.filter(([, , outcome]) => outcome === 'passed'),
    mostDecisions - odd.length,
  );
  return [...odd, ...passed].sort(([, a], [, b]) => a - b);
}

function thinned<Item>(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) return [...items];
  const every = items.length / most;
  return Array.from({ length: most }, (_, index) => items[Math.floor(index * every)]).filter(
    (item) => item !== undefined,
  );
}
