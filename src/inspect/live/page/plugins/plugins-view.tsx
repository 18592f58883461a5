import { useState } from 'preact/hooks';
import { Card } from '../parts/card.js';
import { EmptyState } from '../parts/empty-state.js';
import { counted } from '../parts/time-format.js';
import { OrderButton } from '../shell/order-button.js';
import { useControl, useModel } from '../shell/page-context.js';
import { PluginRow } from './plugin-row.js';
import { reloadOrder } from './plugin-orders.js';
import { inOrder, pluginsVerdict, standingOf } from './plugin-words.js';

/** So many rows are drawn; the others are asked for. */
const mostRows = 60;

/** The plugins in the order in which they run: how each stands, what it takes, and what it blocks. */
export function PluginsView() {
  const plugins = useModel((model) => model.plugins);
  const [all, setAll] = useState(false);
  const controls = useControl();
  const ordered = inOrder(plugins);
  const shown = all ? ordered : ordered.filter((plugin, index) => index < mostRows || standingOf(plugin) !== 'runs');
  return (
    <div class="view plugins">
      <div>
        <header class="view-head">
          <h1>{pluginsVerdict(plugins)}</h1>
          {controls && (
            <div class="view-actions">
              <OrderButton order={reloadOrder} />
            </div>
          )}
        </header>
        <p class="dim">In the order in which they run. Times are of the last minute.</p>
      </div>
      {plugins.length === 0 ? (
        <EmptyState title="No plugin is configured" command="gatechart serve --config plugins.yaml">
          Nothing is looked at, and nothing is blocked.
        </EmptyState>
      ) : (
        <Card class="plugin-table">
          <table>
            <caption class="unseen">Plugins in the order in which they run</caption>
            <thead>
              <tr>
                <th scope="col">phase</th>
                <th scope="col">plugin</th>
                <th scope="col">mode</th>
                <th scope="col">runs in</th>
                <th scope="col">state</th>
                <th scope="col" class="number">
                  p50
                </th>
                <th scope="col" class="number">
                  p99
                </th>
                <th scope="col" class="number">
                  blocks/min
                </th>
                {controls && (
                  <th scope="col">
                    <span class="unseen">what can be done</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {shown.map((plugin, index) => (
                <PluginRow
                  key={plugin.name}
                  plugin={plugin}
                  startsPhase={shown[index - 1]?.phase !== plugin.phase}
                  controls={controls}
                />
              ))}
            </tbody>
          </table>
          {shown.length < ordered.length && (
            <p class="remark-text">
              <button type="button" class="button" onClick={() => setAll(true)}>
                {counted(ordered.length - shown.length, 'more plugin')} that run
              </button>
            </p>
          )}
        </Card>
      )}
    </div>
  );
}
