import { useMemo } from 'preact/hooks';
import { Card } from '../parts/card.js';
import { DecisionBars } from '../parts/decision-bars.js';
import { Shape, type ShapeProps } from '../parts/shape.js';
import { count } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { useModel } from '../shell/page-context.js';
import { lastMinute } from './last-minute.js';

const outcomes = [
  ['passed', 'passed', undefined],
  ['modified', 'modified', 'modified'],
  ['blocked', 'blocked', 'blocked'],
  ['failed', 'failed or timed out', 'failed'],
] as const;

/** What chains decided in the last minute: counts are exact, whatever is sampled. */
export function DecisionsCard() {
  const seconds = useModel((model) => model.seconds);
  const minute = useMemo(() => lastMinute(seconds), [seconds]);
  return (
    <Card title="Decisions" note="last minute">
      <DecisionBars
        seconds={minute.seconds}
        height={72}
        label={outcomes.map(([outcome, words]) => `${minute[outcome]} ${words}`).join(', ')}
      />
      <dl class="totals">
        {outcomes.map(([outcome, words, filter]) => (
          <div key={outcome}>
            <dt>
              <Shape of={shapeOf(outcome)} />
              <a
                class={`is-${outcome}`}
                href={printRoute({ view: 'invocations', ...(filter !== undefined && { filter }) })}
              >
                {words}
              </a>
            </dt>
            <dd>{seconds.length === 0 ? <span class="faint">unknown</span> : count(minute[outcome])}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function shapeOf(outcome: (typeof outcomes)[number][0]): ShapeProps['of'] {
  return outcome === 'failed' ? 'cross' : outcome;
}
