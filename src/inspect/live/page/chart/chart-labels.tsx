import { useRef } from 'preact/hooks';
import { labelRows } from '../../../charts/arrows.js';
import type { Box, ChartLayout, PlacedArrow } from '../../../charts/placement.js';
import type { TimerState } from '../../feed/feed-states.js';
import type { Detail } from './chart-detail.js';
import type { ChartMarks } from './chart-marks.js';
import { TransitionWords } from './chart-states.js';
import { tagTime } from './chart-times.js';
import { type AddedWords, fitsLabel } from './chart-words.js';
import { useTime } from './host-time.js';

export interface ChartLabelsProps {
  readonly layout: ChartLayout;
  readonly marks: ChartMarks;
  readonly detail: Detail;
  readonly added: AddedWords;
  readonly timer: TimerState | undefined;
  readonly isStill: boolean;
  readonly lit: number | undefined;
}

/** What stands on the arrows, and the time on the active state. For eyes alone: names of states and arrows say the same. */
export function ChartLabels({ layout, marks, detail, added, timer, isStill, lit }: ChartLabelsProps) {
  const classOf = (index: number) => {
    const mark = marks.arrows[index]?.mark;
    return `chart-label${mark === undefined ? '' : ` is-${mark}`}${index === lit ? ' is-lit' : ''}`;
  };
  return (
    <g aria-hidden="true" class="chart-labels">
      {detail.level !== 'names' &&
        layout.arrows.map((arrow, index) => (
          <FullLabel key={index} arrow={arrow} detail={detail} class={classOf(index)} />
        ))}
      {added.labels.map(({ arrow, text, box }) => (
        <g key={arrow} class={classOf(arrow)}>
          <LabelBox box={box} />
          <text class="chart-event is-centred" x={box.x + box.width / 2} y={box.y + box.height / 2}>
            {text}
          </text>
        </g>
      ))}
      {added.tag !== undefined && timer !== undefined && <TimerTag box={added.tag} timer={timer} isStill={isStill} />}
    </g>
  );
}

function LabelBox({ box: { x, y, width, height } }: { readonly box: Box }) {
  return <rect x={x} y={y} width={width} height={height} rx={6} />;
}

interface FullLabelProps {
  readonly arrow: PlacedArrow;
  readonly detail: Detail;
  readonly class: string;
}

/** A label of the full chart: all of it, or from further away the events that there is room for. */
function FullLabel({ arrow: { label, transitions }, detail, class: classes }: FullLabelProps) {
  if (label === undefined) return null;
  const centre = label.x + label.width / 2;
  if (detail.level === 'all') {
    let at = label.y - 6;
    return (
      <g class={classes}>
        <LabelBox box={label} />
        {transitions.map((transition, index) => {
          const rows = labelRows(transition);
          const [first, second] = [(at += 14), rows.effect === '' ? undefined : (at += 14)];
          at += 5;
          return (
            <g key={index}>
              <text class="is-centred" x={centre} y={first + 3}>
                <TransitionWords {...rows} />
              </text>
              {second !== undefined && (
                <text class="is-centred" x={centre} y={second + 3}>
                  {rows.effect}
                </text>
              )}
            </g>
          );
        })}
      </g>
    );
  }
  const events = [...new Set(transitions.map((one) => one.label))].filter((text) => fitsLabel(text, label, detail));
  if (events.length === 0) return null;
  return (
    <g class={classes}>
      <LabelBox box={label} />
      {events.map((text, index) => (
        <text
          key={text}
          class="chart-event is-centred"
          x={centre}
          y={label.y + (label.height * (index + 0.5)) / events.length}
        >
          {text}
        </text>
      ))}
    </g>
  );
}

interface TimerTagProps {
  readonly box: Box;
  readonly timer: TimerState;
  readonly isStill: boolean;
}

/** `in 6.2 s`. */
function TimerTag({ box, timer, isStill }: TimerTagProps) {
  const words = useRef<SVGTextElement>(null);
  const written = useRef('');
  useTime(!isStill, (now) => {
    const text = tagTime(timer.due - now);
    if (text === written.current) return;
    written.current = text;
    if (words.current !== null) words.current.textContent = text;
  });
  return (
    <g class="chart-tag">
      <LabelBox box={box} />
      <text ref={words} class="is-centred" x={box.x + box.width / 2} y={box.y + box.height / 2} />
    </g>
  );
}
