import type { Ref } from 'preact';
import type { ChartLayout } from '../../../charts/placement.js';
import type { ChartMarks } from './chart-marks.js';

export interface MinimapProps {
  readonly layout: ChartLayout;
  readonly marks: ChartMarks;
  /** The rectangle of what is in the frame; whoever moves the drawing moves it. */
  readonly windowRef: Ref<SVGRectElement>;
  /** Somebody wants to see what is at this point of the drawing. */
  readonly onSeek: (point: { x: number; y: number }) => void;
}

/** The whole chart, small: where the frame is, and where the actor is. */
export function Minimap({ layout, marks, windowRef, onSeek }: MinimapProps) {
  const { width, height, states } = layout;
  const scale = Math.min(132 / width, 104 / height);
  const seek = (event: PointerEvent) => {
    if (event.buttons === 0 || !(event.currentTarget instanceof SVGElement)) return;
    event.stopPropagation();
    const { left, top } = event.currentTarget.getBoundingClientRect();
    onSeek({ x: (event.clientX - left) / scale, y: (event.clientY - top) / scale });
  };
  return (
    <svg
      class="chart-minimap"
      aria-hidden="true"
      width={Math.round(width * scale)}
      height={Math.round(height * scale)}
      viewBox={`0 0 ${width} ${height}`}
      onPointerDown={seek}
      onPointerMove={seek}
    >
      {states.map(({ state, ...box }) => (
        <rect
          key={state.path}
          class={`minimap-state${marks.active.includes(state.path) ? ' is-active' : ''}${marks.within.includes(state.path) ? ' is-within' : ''}`}
          x={box.x}
          y={box.y}
          width={box.width}
          height={box.height}
          rx={12}
        />
      ))}
      <rect ref={windowRef} class="minimap-window" vector-effect="non-scaling-stroke" />
    </svg>
  );
}
