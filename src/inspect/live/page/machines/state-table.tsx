import { behaviourLines, type Chart } from '../../../charts/chart.js';
import { Card } from '../parts/card.js';

export interface StateTableProps {
  readonly chart: Chart;
  /** Somebody points at a state: its path, or undefined. */
  readonly onState: (path: string | undefined) => void;
}

/** What is true in each state, and what it does by itself. */
export function StateTable({ chart, onState }: StateTableProps) {
  const states = chart.states.filter(({ path }) => path !== '');
  return (
    <Card title="States" note="what is true in each" class="states">
      <dl>
        {states.map((state) => (
          <div key={state.path} onPointerEnter={() => onState(state.path)} onPointerLeave={() => onState(undefined)}>
            <dt>
              {state.path}
              {state.type === 'final' && <span class="faint"> final</span>}
            </dt>
            <dd>
              {state.description ?? '–'}
              {behaviourLines(state).map((line) => (
                <code key={line}>{line}</code>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
