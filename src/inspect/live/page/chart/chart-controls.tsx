import type { MovingView } from './moving-view.js';

export interface ChartControlsProps {
  readonly view: MovingView;
  readonly hasActor: boolean;
}

/** What the wheel and the hand do, for who has neither. */
export function ChartControls({ view, hasActor }: ChartControlsProps) {
  return (
    <div class="chart-controls" role="group" aria-label="Zoom">
      <button type="button" class="button" aria-label="Nearer" onClick={() => view.zoom(1.25)}>
        +
      </button>
      <button type="button" class="button" aria-label="Farther" onClick={() => view.zoom(0.8)}>
        −
      </button>
      <button type="button" class="button" onClick={() => view.fit()}>
        Fit
      </button>
      {hasActor && (
        <button type="button" class="button" onClick={() => view.goHome()}>
          Where it is
        </button>
      )}
    </div>
  );
}
