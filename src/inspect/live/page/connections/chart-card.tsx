import type { PossibleEvent } from '../../feed/feed-next.js';
import type { ActorState } from '../../feed/feed-states.js';
import { Chart } from '../chart/chart.js';
import { useKeys } from '../keys/listen-to-keys.js';
import { Card } from '../parts/card.js';
import { meaningOf } from '../parts/meaning.js';
import { Segments } from '../parts/segments.js';
import { useModel, usePage, useRoute } from '../shell/page-context.js';
import { isStale } from '../feed/feed-state.js';

export interface ChartCardProps {
  readonly actor: ActorState;
  readonly next: readonly PossibleEvent[];
  /** Place in `next` of what is pointed at. */
  readonly lit: number | undefined;
  readonly onLight: (event: number | undefined) => void;
}

/** Where it is in its machine, what brought it there, and what may come. */
export function ChartCard({ actor, next, lit, onLight }: ChartCardProps) {
  const { go } = usePage();
  const route = useRoute();
  const isOld = useModel((model) => isStale(model.feed));
  const form = route.chart ?? 'map';
  const draw = (chart: 'map' | 'full') => go({ ...route, chart }, 'replace');
  useKeys([
    { key: 'm', does: 'chart as a map', run: () => draw('map') },
    { key: 'f', does: 'chart in full', run: () => draw('full') },
  ]);
  const { machine, at, last, timer, since } = actor;
  return (
    <Card
      title="Where it is"
      class="chart-card"
      note={
        <span class="chart-key">
          <i class="is-next" /> may come <i class="is-last" /> came last
        </span>
      }
      actions={
        <Segments
          label="Chart"
          options={[
            ['map', 'Map'],
            ['full', 'Full'],
          ]}
          value={form}
          onChange={draw}
        />
      }
    >
      <div class="chart-place">
        <Chart
          machine={machine}
          form={form}
          at={at}
          last={last}
          next={next}
          timer={timer}
          since={since}
          meaning={meaningOf(at)}
          lit={lit}
          onLight={onLight}
          dimmed={isOld}
        />
      </div>
    </Card>
  );
}
