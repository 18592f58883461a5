import { Card } from '../parts/card.js';
import { Shape } from '../parts/shape.js';
import { splitState } from '../parts/meaning.js';
import { duration, timeOfDay } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { useModel } from '../shell/page-context.js';
import { isSameValue } from '../store/same-value.js';
import { recentChanges } from './recent-changes.js';

const mostChanges = 6;

/** Who came into another state, the newest first. */
export function ChangesCard() {
  const changes = useModel((model) => recentChanges(model, mostChanges), isSameValue);
  const epoch = useModel((model) => model.hello?.epoch ?? 0);
  if (changes.length === 0) return null;
  return (
    <Card title="Changes" note="last 5 minutes">
      <ul class="changes">
        {changes.map(({ key, t, actor, name, to, meaning, after }) => (
          <li key={key}>
            <time class="mono faint">{timeOfDay(epoch + t)}</time>
            <a class="cut" href={printRoute({ view: 'connections', id: actor })}>
              {name}
            </a>
            <span class={`state-name is-${meaning}`}>
              <Shape of={meaning} size={10} />
              {splitState(to)[0]}
            </span>
            <small class="faint">{after === undefined ? '' : `after ${duration(after)}`}</small>
          </li>
        ))}
      </ul>
    </Card>
  );
}
