import { useRef } from 'preact/hooks';
import type { ChartProps } from './chart-props.js';
import { ChartStage } from './chart-stage.js';
import { useElementSize } from './element-size.js';
import { betterMap } from './machine-charts.js';
import { useMachine } from './use-machine.js';

/** The chart of a machine, with where an actor of it is. It fills what is around it. */
export function Chart(props: ChartProps) {
  const { machine, form } = props;
  const frame = useRef<HTMLDivElement>(null);
  const size = useElementSize(frame);
  const asked = useMachine(machine);
  return (
    <div ref={frame} class={`chart-frame${props.dimmed === true ? ' is-dimmed' : ''}`}>
      {asked.at === 'missing' && (
        <p class="chart-note">
          The chart of “{machine}” could not be read: {asked.why}.
        </p>
      )}
      {asked.at === 'here' && size !== undefined && (
        <ChartStage
          {...props}
          key={machine}
          isFull={form === 'full'}
          chart={asked.machine.chart}
          layout={asked.machine[form === 'map' ? betterMap(asked.machine, size.width, size.height) : form]}
          size={size}
          frame={frame}
        />
      )}
    </div>
  );
}
