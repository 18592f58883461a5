import type { SecondCounts } from '../../feed/feed-states.js';
import { useModel } from '../shell/page-context.js';
import { count, duration } from '../parts/time-format.js';
import type { Model } from '../store/model.js';

/** Five figures of the last second, and how four of them went in the last minute. */
export function FiguresCard() {
  const seconds = useModel((model) => model.seconds);
  const inFlight = useModel((model) => sumOf(model, 'inFlight'));
  const waiting = useModel((model) => sumOf(model, 'waiting'));
  const last = seconds.at(-1);
  const line = (of: (counts: SecondCounts) => number | undefined) => seconds.slice(-60).map(of);
  return (
    <dl class="card figures">
      <Figure
        name="Calls"
        value={last === undefined ? undefined : count(last.calls)}
        unit="/s"
        line={line((s) => s.calls)}
      />
      <Time name="p50" ms={last?.p50} line={line((s) => s.p50)} />
      <Time name="p99" ms={last?.p99} line={line((s) => s.p99)} />
      <Time name="Chain’s share, p50" ms={last?.chain} line={line((s) => s.chain)} />
      <Figure name="In flight, waiting" value={count(inFlight)} unit={`and ${count(waiting)}`} line={[]} />
    </dl>
  );
}

interface TimeProps {
  readonly name: string;
  readonly ms: number | undefined;
  readonly line: readonly (number | undefined)[];
}

function Time({ name, ms, line }: TimeProps) {
  const [value, unit] = ms === undefined ? [undefined, ''] : (duration(ms).split(' ', 2) as [string, string]);
  return <Figure name={name} value={value} unit={unit} line={line} />;
}

interface FigureProps {
  readonly name: string;
  /** Undefined: not known, which is another thing than none. */
  readonly value: string | undefined;
  readonly unit: string;
  readonly line: readonly (number | undefined)[];
}

function Figure({ name, value, unit, line }: FigureProps) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        {value === undefined ? <span class="faint">unknown</span> : <b>{value}</b>} {value !== undefined && unit}
      </dd>
      <Sparkline values={line} />
    </div>
  );
}

/** From nothing to the highest of them; a gap where nothing is known. */
function Sparkline({ values }: { readonly values: readonly (number | undefined)[] }) {
  const most = Math.max(...values.map((value) => value ?? 0), 0);
  if (most === 0 || values.length < 2) return null;
  let pen = 'M';
  const path = values
    .map((value, index) => {
      if (value === undefined) {
        pen = 'M';
        return '';
      }
      const point = `${pen}${((index / (values.length - 1)) * 100).toFixed(1)} ${(19 - (value / most) * 17).toFixed(1)}`;
      pen = 'L';
      return point;
    })
    .join('');
  return (
    <svg class="sparkline" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

function sumOf({ actors }: Model, field: 'inFlight' | 'waiting'): number {
  let total = 0;
  for (const actor of actors.values()) if (actor.kind === 'connection') total += actor[field] ?? 0;
  return total;
}
