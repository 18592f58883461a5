import { useRef } from 'preact/hooks';
import { pair, roundedPath, tipCorners } from '../../../charts/arrow-path.js';
import type { ChartLayout, PlacedArrow } from '../../../charts/placement.js';
import type { LastTransition, TimerState } from '../../feed/feed-states.js';
import { stepTo, walkOf } from './arrow-walk.js';
import type { ChartMarks, MarkedArrow } from './chart-marks.js';
import { spokenArrow } from './chart-names.js';
import { useTime } from './host-time.js';

export interface ChartArrowsProps {
  readonly layout: ChartLayout;
  readonly marks: ChartMarks;
  readonly last: LastTransition | undefined;
  readonly timer: TimerState | undefined;
  readonly isStill: boolean;
  /** Place of the arrow that is pointed at, here or in a list. */
  readonly lit: number | undefined;
  /** Somebody points at an arrow, or no more. */
  readonly onPoint: (arrow: number | undefined) => void;
}

/** All arrows. Those that may be taken next can be walked with the arrow keys. */
export function ChartArrows({ layout, marks, last, timer, isStill, lit, onPoint }: ChartArrowsProps) {
  const elements = useRef(new Map<number, SVGGElement>());
  // What was taken before the chart was opened does not move any more.
  const first = useRef(last?.t);
  const walk = walkOf(marks);
  const reachable = lit !== undefined && walk.includes(lit) ? lit : walk[0];
  const onKeyDown = (event: KeyboardEvent, from: number) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = stepTo(walk, from, event.key);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    elements.current.get(to)?.focus();
  };
  // What is marked is drawn over what is not.
  const order = layout.arrows
    .map((_, index) => index)
    .toSorted((one, other) => weight(marks, one) - weight(marks, other));
  return order.map((index) => {
    const [arrow, marked] = [layout.arrows[index], marks.arrows[index]];
    if (arrow === undefined || marked === undefined) return null;
    const walked = walk.includes(index);
    const isLit = index === lit;
    const names = walked
      ? {
          role: 'img' as const,
          'aria-label': spokenArrow(arrow, marked.words),
          tabIndex: index === reachable ? 0 : -1,
          onFocus: () => onPoint(index),
          onBlur: () => onPoint(undefined),
          onKeyDown: (event: KeyboardEvent) => onKeyDown(event, index),
        }
      : { 'aria-hidden': true };
    return (
      <g
        key={`${arrow.source}>${arrow.target}>${arrow.transitions.length}`}
        ref={(element) => {
          if (element === null) elements.current.delete(index);
          else elements.current.set(index, element);
        }}
        class={`chart-arrow${classOf(marked)}${isLit ? ' is-lit' : ''}`}
        onPointerEnter={() => arrow.transitions.length > 0 && onPoint(index)}
        onPointerLeave={() => onPoint(undefined)}
        {...names}
      >
        <ArrowLine arrow={arrow} />
        {index === marks.last && last?.t !== first.current && <Traveller key={last?.t} arrow={arrow} />}
        {marked.timed && timer !== undefined && (
          <TimerFill key={timer.due} arrow={arrow} timer={timer} isStill={isStill} />
        )}
      </g>
    );
  });
}

function ArrowLine({ arrow }: { readonly arrow: PlacedArrow }) {
  const line = roundedPath(arrow.points);
  return (
    <>
      {arrow.transitions.length > 0 && <path class="chart-hit" d={line} />}
      <path class="chart-line" d={line} />
      <path class="chart-tip" d={`M${tipCorners(arrow.points).map(pair).join('L')}Z`} />
    </>
  );
}

/** A dot that runs along an arrow once, when its transition is taken before the eyes of the reader. */
function Traveller({ arrow }: { readonly arrow: PlacedArrow }) {
  return <circle class="chart-traveller" r={4.5} style={{ offsetPath: `path("${roundedPath(arrow.points)}")` }} />;
}

interface TimerFillProps {
  readonly arrow: PlacedArrow;
  readonly timer: TimerState;
  readonly isStill: boolean;
}

/** Fills the arrow from its source, until it is full when the timer is over. */
function TimerFill({ arrow, timer, isStill }: TimerFillProps) {
  const path = useRef<SVGPathElement>(null);
  const written = useRef('');
  useTime(!isStill, (now) => {
    const share = Math.min(1, Math.max(0, 1 - (timer.due - now) / Math.max(1, timer.of)));
    const offset = String(Math.round((1 - share) * 1000) / 10);
    if (offset === written.current) return;
    written.current = offset;
    path.current?.setAttribute('stroke-dashoffset', offset);
  });
  return (
    <path
      ref={path}
      class="chart-fill"
      d={roundedPath(arrow.points)}
      pathLength={100}
      stroke-dasharray="100 100"
      stroke-dashoffset={written.current === '' ? '100' : written.current}
    />
  );
}

function classOf({ mark, timed }: MarkedArrow): string {
  return `${mark === undefined ? '' : ` is-${mark}`}${timed ? ' is-timed' : ''}`;
}

function weight({ arrows }: ChartMarks, index: number): number {
  const marked = arrows[index];
  if (marked?.mark === undefined) return 0;
  return { any: 1, last: 2, next: 3 }[marked.mark] + (marked.timed ? 1 : 0);
}
