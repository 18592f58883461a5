import { useMemo, useRef } from 'preact/hooks';
import type { InvocationDetail } from '../../feed/feed-invocations.js';
import { Card } from '../parts/card.js';
import { counted } from '../parts/time-format.js';
import { ChainAxisHead, ChainLines } from './chain-axis-lines.js';
import { type ChainPhase, chainLayout } from './chain-layout.js';
import { ChainBar } from './chain-bar.js';
import { useElementWidth } from '../parts/element-width.js';
import { useRunningTime } from './running-time.js';
import { StepMark } from './step-mark.js';
import { type Look, lookWords } from './step-meaning.js';
import { textWidth } from './text-width.js';
import { printRoute } from '../routes/route.js';

/** The plugins of an invocation on a time line. */
export function ChainCard({ invocation }: { readonly invocation: InvocationDetail }) {
  const plot = useRef<HTMLTableCellElement>(null);
  const width = useElementWidth(plot);
  const runs = invocation.steps.some(({ t, ms }) => t !== undefined && ms === undefined);
  const nowMs = useRunningTime(invocation.t, runs);
  const shownMs = runs ? nowMs : 0;
  const layout = useMemo(
    () => chainLayout(invocation, shownMs, Math.max(120, width), textWidth),
    [invocation, shownMs, width],
  );
  const { axis, phases } = layout;
  const looks = [...new Set(phases.flatMap(({ rows }) => rows.map(({ look }) => look)))];
  return (
    <Card
      title="Chain"
      note={`${counted(invocation.steps.length, 'plugin')}, ${counted(phases.length, 'phase')}, configuration ${invocation.revision}`}
      actions={<Legend looks={looks} />}
      class="chain"
    >
      <div class="chain-plot">
        <table>
          <caption class="unseen">What each plugin of the chain did, in the order in which they ran</caption>
          <thead>
            <tr>
              <th scope="col" class="chain-phase">
                <span class="unseen">phase</span>
              </th>
              <th scope="col" class="chain-plugin">
                <span class="unseen">plugin</span>
              </th>
              <th scope="col" ref={plot} class="chain-time">
                <ChainAxisHead axis={axis} outcome={invocation.outcome} />
              </th>
            </tr>
          </thead>
          {phases.map((phase, index) => (
            <PhaseRows key={`${phase.name}${index}`} phase={phase} />
          ))}
        </table>
        <ChainLines axis={axis} outcome={invocation.outcome} />
      </div>
    </Card>
  );
}

function PhaseRows({ phase: { name, remark, rows } }: { readonly phase: ChainPhase }) {
  return (
    <tbody>
      {rows.map((row, index) => (
        <tr key={row.step.p} class={row.decides ? `decides look-${row.look}` : ''}>
          {index === 0 && (
            <th scope="rowgroup" rowSpan={rows.length} class="chain-phase">
              {name} {remark !== '' && <span>{remark}</span>}
            </th>
          )}
          <th scope="row" class="chain-plugin">
            <a href={printRoute({ view: 'plugins', id: row.step.p })}>
              <StepMark look={row.look} />
              <span class="cut">{row.step.p}</span>
            </a>
          </th>
          <td class="chain-time">
            <ChainBar row={row} />
          </td>
        </tr>
      ))}
    </tbody>
  );
}

function Legend({ looks }: { readonly looks: readonly Look[] }) {
  return (
    <ul class="legend">
      {looks.map((look) => (
        <li key={look}>
          <StepMark look={look} /> {lookWords[look]}
        </li>
      ))}
    </ul>
  );
}
