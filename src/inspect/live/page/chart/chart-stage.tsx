import type { RefObject } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Chart } from '../../../charts/chart.js';
import type { ChartLayout } from '../../../charts/placement.js';
import { useKeys } from '../keys/listen-to-keys.js';
import { arrowOfEvent } from './arrow-walk.js';
import { ChartArrows } from './chart-arrows.js';
import { ChartControls } from './chart-controls.js';
import { ChartLabels } from './chart-labels.js';
import { marksOf } from './chart-marks.js';
import { ChartStates } from './chart-states.js';
import type { ChartProps } from './chart-props.js';
import type { Size } from './chart-view.js';
import { addedWords } from './chart-words.js';
import { homeOf } from './home-view.js';
import { Minimap } from './minimap.js';
import { useMovingView } from './moving-view.js';
import { usePointerMoves } from './pointer-moves.js';

export interface ChartStageProps extends ChartProps {
  readonly isFull: boolean;
  readonly chart: Chart;
  readonly layout: ChartLayout;
  readonly size: Size;
  readonly frame: RefObject<Element | null>;
}

/** What a drawing leaves free below it for the buttons that move it. */
const controlsHeight = 46;

/** A drawing in its frame, with what it says of the actor. */
export function ChartStage(props: ChartStageProps) {
  const { chart, layout, size, frame, isFull, at, last, next, timer, since, meaning, quiet, onLight } = props;
  const marks = useMemo(
    () => marksOf(chart, layout.arrows, { at, last, next, timer }),
    [chart, layout, at, last, next, timer],
  );
  const { isMovable } = homeOf(layout, marks, size, isFull);
  const room = useMemo(() => ({ ...size, height: size.height - (isMovable ? controlsHeight : 0) }), [size, isMovable]);
  const home = homeOf(layout, marks, room, isFull);
  const view = useMovingView(layout, room, home.view, `${at} ${isFull}`);
  usePointerMoves(frame, view, isMovable);
  useKeys(isMovable && marks.active.length > 0 ? [{ key: '0', does: 'where it is', run: view.goHome }] : []);

  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const lit = arrowOfEvent(marks, props.lit) ?? pointed;
  const onPoint = (arrow: number | undefined) => {
    setPointed(arrow);
    onLight?.(arrow === undefined ? undefined : marks.arrows[arrow]?.next[0]);
  };
  const added = useMemo(
    () => addedWords(layout, marks, view.detail, { lit, hasTimer: timer !== undefined, isQuiet: quiet === true }),
    [layout, marks, view.detail, lit, timer === undefined, quiet],
  );
  const drawn = { layout, marks, detail: view.detail, timer, isStill: props.dimmed === true };
  const { names, words } = view.detail;
  const style = { '--names': names, '--words': words, '--thick': Math.max(1, names * 0.9) };
  const kind = isFull ? 'Chart' : 'Map';
  return (
    <>
      <svg
        class={`chart is-${meaning}${quiet === true ? ' is-quiet' : ''}${isMovable ? ' is-movable' : ''}`}
        width={size.width}
        height={size.height}
        role="group"
        aria-label={`${kind} of the ${chart.id} machine`}
        style={style}
      >
        <g ref={view.ground} class="chart-ground">
          <ChartStates
            {...drawn}
            chart={chart}
            hasLines={isFull}
            since={since}
            lit={lit === undefined ? undefined : layout.arrows[lit]?.target}
          />
          <ChartArrows {...drawn} last={last} lit={lit} onPoint={onPoint} />
          <ChartLabels {...drawn} added={added} lit={lit} />
        </g>
      </svg>
      {isMovable && <ChartControls view={view} hasActor={marks.active.length > 0} />}
      {isMovable && <Minimap layout={layout} marks={marks} windowRef={view.window} onSeek={view.seek} />}
    </>
  );
}
