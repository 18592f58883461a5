import { useRef } from 'preact/hooks';
import type { InvocationOutcome } from '../../feed/feed-invocations.js';
import { useElementWidth } from '../parts/element-width.js';
import { RibbonCanvas } from '../parts/ribbon-canvas.js';
import { timeOfDay } from '../parts/time-format.js';
import { useModel } from '../shell/page-context.js';
import { actorNames } from './actor-names.js';
import { decisionMarks, tapeRows } from './tape.js';
import { TapeCursor } from './tape-cursor.js';
import { Transport } from './transport.js';
import type { OpenRecording } from './use-recording.js';

/** More rows would push away what they are looked at for. */
const mostRows = 8;

export interface TapeCardProps {
  readonly recording: OpenRecording;
  /** Actor whose chart is shown. */
  readonly actor: string | undefined;
  readonly onActor: (actor: string) => void;
}

/** A ribbon for each actor, the decisions, the cursor over all of them, and what moves it. */
export function TapeCard({ recording, actor, onActor }: TapeCardProps) {
  const { facts, range } = recording;
  const { rows, left } = tapeRows(facts, mostRows);
  const names = actorNames(rows.map(({ actor }) => actor));
  const plot = useRef<HTMLDivElement>(null);
  const width = useElementWidth(plot);
  return (
    <section class="card tape" aria-label="Tape">
      <div class="tape-plot">
        <TapeTimes recording={recording} count={width < 420 ? 2 : 5} />
        {rows.map((row) => (
          <div key={row.actor} class="tape-row">
            <button
              type="button"
              class="tape-name cut"
              aria-pressed={row.actor === actor}
              title={`show the chart of ${row.actor}`}
              onClick={() => onActor(row.actor)}
            >
              {names.get(row.actor)}
            </button>
            <RibbonCanvas ribbon={row.ribbon} spanMs={range.to - range.from} until={range.to} height={13} />
          </div>
        ))}
        <div class="tape-row">
          <span class="tape-name">decisions</span>
          <Decisions recording={recording} width={width} />
        </div>
        <div class="tape-over">
          <div ref={plot}>
            <TapeCursor recording={recording} width={width} />
          </div>
        </div>
      </div>
      {left > 0 && <p class="remark-text faint">{left} more stood still, or changed less often.</p>}
      <Transport recording={recording} />
    </section>
  );
}

function TapeTimes({ recording: { range }, count }: { readonly recording: OpenRecording; readonly count: number }) {
  const epoch = useModel(({ hello }) => hello?.epoch ?? 0);
  const step = (range.to - range.from) / (count - 1);
  return (
    <div class="tape-times" aria-hidden="true">
      {Array.from({ length: count }, (_none, index) => (
        <span key={index}>{timeOfDay(epoch + range.from + index * step)}</span>
      ))}
    </div>
  );
}

/** One path for each outcome, however many there are of it. */
function Decisions({
  recording: { facts, range },
  width,
}: {
  readonly recording: OpenRecording;
  readonly width: number;
}) {
  const { ordinary, odd } = decisionMarks(facts, range, width);
  const outcomes = [...new Set(odd.map(({ outcome }) => outcome))];
  const counts = outcomes.map((outcome) => `${odd.filter((mark) => mark.outcome === outcome).length} ${outcome}`);
  return (
    <svg
      class="tape-decisions"
      width={width}
      height="14"
      role="img"
      aria-label={`${facts.tape.decisions.length} decisions${counts.length === 0 ? '' : `, ${counts.join(', ')}`}`}
    >
      <path class="ordinary" d={ordinary.map((x) => `M${x + 0.5} 3v8`).join('')} />
      {outcomes.map((outcome) => (
        <path
          key={outcome}
          class={`decision look-${outcome}`}
          d={odd.flatMap((mark) => (mark.outcome === outcome ? [shapeAt(mark.x, outcome)] : [])).join('')}
        />
      ))}
    </svg>
  );
}

function shapeAt(x: number, outcome: InvocationOutcome): string {
  return outcome === 'blocked'
    ? `M${x - 2} 2h4l3 3v4l-3 3h-4l-3-3v-4z`
    : `M${x - 4} 4.4l1.4-1.4 2.6 2.6 2.6-2.6 1.4 1.4-2.6 2.6 2.6 2.6-1.4 1.4-2.6-2.6-2.6 2.6-1.4-1.4 2.6-2.6z`;
}
