import { useRef } from 'preact/hooks';
import type { ChartProps } from './chart-props.js';
import { ChartStage } from './chart-stage.js';
import { useElementSize } from './element-size.js';
import { useFullLayout } from './full-layout.js';
import { betterMap, machineChart } from './machine-charts.js';

/** The chart of a machine, with where an actor of it is. It fills what is around it. */
export function Chart(props: ChartProps) {
  const { machine, form } = props;
  const frame = useRef<HTMLDivElement>(null);
  const size = useElementSize(frame);
  const known = machineChart(machine);
  const full = useFullLayout(machine, form === 'full');
  const layout =
    known === undefined || size === undefined
      ? undefined
      : form === 'full'
        ? full?.at === 'here'
          ? full.layout
          : undefined
        : known[form === 'map' ? betterMap(known, size.width, size.height) : form];
  return (
    <div ref={frame} class={`chart-frame${props.dimmed === true ? ' is-dimmed' : ''}`}>
      {known === undefined && <p class="chart-note">This page has no chart of the machine “{machine}”.</p>}
      {full?.at === 'missing' && <p class="chart-note">The full chart could not be read: {full.why}.</p>}
      {known !== undefined && size !== undefined && layout !== undefined && (
        <ChartStage
          {...props}
          key={machine}
          isFull={form === 'full'}
          chart={known.chart}
          layout={layout}
          size={size}
          frame={frame}
        />
      )}
    </div>
  );
}
