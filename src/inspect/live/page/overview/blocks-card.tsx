import { useMemo } from 'preact/hooks';
import { Card } from '../parts/card.js';
import { count } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { useModel } from '../shell/page-context.js';
import { lastMinute } from './last-minute.js';

const mostPlugins = 6;

/** Which plugins blocked how often in the last minute. */
export function BlocksCard() {
  const seconds = useModel((model) => model.seconds);
  const { blocksBy } = useMemo(() => lastMinute(seconds), [seconds]);
  const most = blocksBy[0]?.[1] ?? 1;
  if (blocksBy.length === 0) return null;
  return (
    <Card title="Blocks by plugin" note="last minute">
      <ul class="blocks">
        {blocksBy.slice(0, mostPlugins).map(([plugin, blocks]) => (
          <li key={plugin}>
            <a href={printRoute({ view: 'plugins', id: plugin })}>{plugin}</a>
            <span>{count(blocks)}</span>
            <i style={{ width: `${(blocks / most) * 100}%` }} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
