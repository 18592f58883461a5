import type { InvocationRow, StepStatus } from '../../feed/feed-invocations.js';
import { printRoute, type Route } from '../routes/route.js';
import { roundMs } from './duration-text.js';
import { StepMark } from './step-mark.js';
import { lookOf, outcomeWords } from './step-meaning.js';

/** More of them would say nothing any more. */
const mostTicks = 24;

/** One invocation in the list: what, who for, how it ended, one tick for each plugin, and how long it took. */
export function InvocationCell({ row, route }: { readonly row: InvocationRow; readonly route: Route }) {
  const { subject, hook, agent, outcome, ticks, decided } = row;
  return (
    <td class="invocation">
      <a href={printRoute({ ...route, id: row.id })} tabIndex={-1}>
        <b class="cut">{subject}</b>
        <span class={`outcome look-${outcome}`}>
          <StepMark look={outcome} /> {outcomeWords[outcome]}
        </span>
        <small class="cut">
          {hook} <span class="faint">{agent}</span>
        </small>
        <span class="ticks" aria-hidden="true">
          {ticks.slice(0, mostTicks).map(([phase, status], index) => (
            <i key={index} class={`tick look-${lookOf(status)}${startsPhase(ticks, index, phase)}`} />
          ))}
        </span>
        <small class="took">{decided === undefined ? '…' : roundMs(decided)}</small>
      </a>
    </td>
  );
}

/** A small space tells the phases apart. */
function startsPhase(ticks: readonly (readonly [string, StepStatus])[], index: number, phase: string): string {
  return index > 0 && ticks[index - 1]?.[0] !== phase ? ' starts-phase' : '';
}
