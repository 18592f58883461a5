import type { InvocationOutcome } from '../../feed/feed-invocations.js';
import { meaningOfOutcome } from '../parts/meaning.js';
import type { ChainAxis } from './chain-axis.js';

/** The numbers over the time line. */
export function ChainAxisHead({ axis: { ticks, decided, background }, outcome }: ChainLinesProps) {
  return (
    <div class="chain-ticks">
      {ticks.map(({ x, text }) => (
        <span key={text} style={{ left: `${x}px` }}>
          {text}
        </span>
      ))}
      {decided !== undefined && (
        <b class={`chain-decided is-${meaningOfOutcome(outcome)}`} style={{ right: `calc(100% - ${decided.x}px)` }}>
          {decided.text}
        </b>
      )}
      {background !== undefined && <span class="chain-after">after the answer</span>}
    </div>
  );
}

export interface ChainLinesProps {
  readonly axis: ChainAxis;
  readonly outcome: InvocationOutcome;
}

/** What goes down through all rows: when it was decided, when it will be given up, where the scale changes. */
export function ChainLines({ axis: { decided, deadline, cut }, outcome }: ChainLinesProps) {
  return (
    <div class="chain-lines" aria-hidden="true">
      {cut !== undefined && <i class="chain-cut" style={{ left: `${cut.x}px`, width: `${cut.width}px` }} />}
      {decided !== undefined && (
        <i class={`chain-decision is-${meaningOfOutcome(outcome)}`} style={{ left: `${decided.x}px` }} />
      )}
      {deadline !== undefined && (
        <i class="chain-deadline" style={{ left: `${deadline}px` }}>
          <span>deadline</span>
        </i>
      )}
    </div>
  );
}
