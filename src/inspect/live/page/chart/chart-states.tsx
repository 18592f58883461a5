import { useRef } from 'preact/hooks';
import { labelRows, stateLines } from '../../../charts/arrows.js';
import type { Chart } from '../../../charts/chart.js';
import { anyStateText, type ChartLayout, metrics, type PlacedState } from '../../../charts/placement.js';
import { textWidth } from '../../../charts/text-width.js';
import type { TimerState } from '../../feed/feed-states.js';
import type { Detail } from './chart-detail.js';
import type { ChartMarks } from './chart-marks.js';
import { spokenState } from './chart-names.js';
import { fitsState } from './chart-words.js';
import { useTime } from './host-time.js';

export interface ChartStatesProps {
  readonly chart: Chart;
  readonly layout: ChartLayout;
  readonly marks: ChartMarks;
  readonly detail: Detail;
  /** Whether what states do stands in them: from afar there is no room for some names then. */
  readonly hasLines: boolean;
  readonly isStill: boolean;
  /** When the actor came to where it is. */
  readonly since: number | undefined;
  readonly timer: TimerState | undefined;
  /** The state that is pointed at from a list. */
  readonly lit: string | undefined;
}

/** All states, the dots before the first ones, and the boxes "in any state". */
export function ChartStates(props: ChartStatesProps) {
  const { layout, detail } = props;
  return (
    <>
      {layout.states.map((placed) => (
        <State key={placed.state.path} placed={placed} {...props} />
      ))}
      {layout.dots.map(({ x, y, width }) => (
        <circle key={`${x} ${y}`} class="chart-dot" cx={x + width / 2} cy={y + width / 2} r={width / 2} />
      ))}
      {layout.anyStates.map(({ x, y, width, height }) => {
        // Its words grow with all others, and it with them: there is room around it.
        const grown = Math.max(width, textWidth(anyStateText, metrics.lineSize) * detail.words + 4);
        return (
          <g key={`${x} ${y}`} class="chart-any" aria-hidden="true">
            <rect x={x + (width - grown) / 2} y={y} width={grown} height={height} rx={height / 2} />
            <text x={x + width / 2} y={y + height / 2}>
              {anyStateText}
            </text>
          </g>
        );
      })}
    </>
  );
}

function State({ placed, ...props }: ChartStatesProps & { readonly placed: PlacedState }) {
  const { chart, marks, detail, hasLines, isStill, since, timer, lit } = props;
  const { state, x, y, width, height } = placed;
  const isActive = marks.active.includes(state.path);
  const isComposite = state.children.length > 0;
  const element = useRef<SVGGElement>(null);
  const spoken = useRef({ second: Number.NaN, text: spokenState(placed, marks, { inIt: undefined, left: undefined }) });
  // Times are read out as they were when somebody comes here: once a second is enough.
  useTime(isActive && !isStill, (now) => {
    const second = Math.floor(now / 1000);
    if (second === spoken.current.second) return;
    const times = { inIt: since === undefined ? undefined : now - since, left: timer && timer.due - now };
    spoken.current = { second, text: spokenState(placed, marks, times) };
    element.current?.setAttribute('aria-label', spoken.current.text);
  });
  const text = isActive ? spoken.current.text : spokenState(placed, marks, { inIt: undefined, left: undefined });
  const isNamed = !hasLines || isActive || marks.within.includes(state.path) || fitsState(placed, detail);
  const classes = [
    'chart-state',
    isComposite ? 'is-composite' : 'is-leaf',
    ...(isActive ? ['is-active'] : []),
    ...(marks.within.includes(state.path) ? ['is-within'] : []),
    ...(state.path === lit ? ['is-lit'] : []),
    ...(state.path === '' ? ['is-root'] : []),
  ];
  return (
    <g
      ref={element}
      class={classes.join(' ')}
      role="img"
      aria-label={text}
      aria-current={isActive ? 'true' : undefined}
    >
      {state.description !== undefined && <title>{state.description}</title>}
      {isActive && <rect class="chart-halo" x={x - 4} y={y - 4} width={width + 8} height={height + 8} rx={13} />}
      <rect class="chart-box" x={x} y={y} width={width} height={height} rx={10} />
      {state.type === 'final' && (
        <rect class="chart-inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={7} />
      )}
      {isNamed && <StateName placed={placed} isAlone={!hasLines || detail.level !== 'all'} />}
      {hasLines && detail.level === 'all' && <StateLines chart={chart} placed={placed} />}
    </g>
  );
}

/** @param isAlone nothing stands below it */
function StateName({ placed, isAlone }: { readonly placed: PlacedState; readonly isAlone: boolean }) {
  const { state, x, y, width, height, head } = placed;
  const isComposite = state.children.length > 0;
  return (
    <text
      class={`chart-name${isComposite ? '' : ' is-centred'}`}
      x={isComposite ? head.x + metrics.padding : x + width / 2}
      y={isAlone && !isComposite ? y + height / 2 : head.y + metrics.header / 2}
    >
      {state.name}
    </text>
  );
}

function StateLines({ chart, placed }: { readonly chart: Chart; readonly placed: PlacedState }) {
  const { state, x, width, head } = placed;
  const lines = stateLines(chart, state);
  if (lines.length === 0) return null;
  const ruleY = head.y + metrics.header;
  return (
    <>
      <line x1={x} x2={x + width} y1={ruleY} y2={ruleY} />
      {lines.map(({ text, transition }, index) => (
        <text key={text} x={head.x + metrics.padding} y={ruleY + 13 + index * metrics.line}>
          {transition === undefined ? text : <TransitionWords {...labelRows(transition)} withEffect />}
        </text>
      ))}
    </>
  );
}

export interface TransitionWordsProps {
  readonly head: string;
  readonly guard: string;
  readonly effect: string;
  readonly withEffect?: boolean;
}

export function TransitionWords({ head, guard, effect, withEffect = false }: TransitionWordsProps) {
  return (
    <>
      <tspan class="chart-event">{head}</tspan>
      {guard !== '' && <tspan class="chart-guard"> {guard}</tspan>}
      {withEffect && effect !== '' && ` ${effect}`}
    </>
  );
}
