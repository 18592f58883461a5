import { useMemo, useRef } from 'preact/hooks';
import { Card } from '../parts/card.js';
import { useElementWidth } from '../parts/element-width.js';
import { palette } from '../parts/palette.js';
import { Shape, type ShapeProps } from '../parts/shape.js';
import { count } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { useFrame, useModel } from '../shell/page-context.js';
import { lastMinute, type MinuteCounts } from './last-minute.js';

const outcomes = [
  ['passed', 'passed', undefined],
  ['modified', 'modified', 'modified'],
  ['blocked', 'blocked', 'blocked'],
  ['failed', 'failed or timed out', 'failed'],
] as const;

const barsHeight = 72;

/** What chains decided in the last minute: counts are exact, whatever is sampled. */
export function DecisionsCard() {
  const seconds = useModel((model) => model.seconds);
  const minute = useMemo(() => lastMinute(seconds), [seconds]);
  return (
    <Card title="Decisions" note="last minute">
      <DecisionBars minute={minute} />
      <dl class="totals">
        {outcomes.map(([outcome, words, filter]) => (
          <div key={outcome}>
            <dt>
              <Shape of={shapeOf(outcome)} />
              <a
                class={`is-${outcome}`}
                href={printRoute({ view: 'invocations', ...(filter !== undefined && { filter }) })}
              >
                {words}
              </a>
            </dt>
            <dd>{seconds.length === 0 ? <span class="faint">unknown</span> : count(minute[outcome])}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function shapeOf(outcome: (typeof outcomes)[number][0]): ShapeProps['of'] {
  return outcome === 'failed' ? 'cross' : outcome;
}

function DecisionBars({ minute }: { readonly minute: MinuteCounts }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useElementWidth(canvas);
  const drawn = useRef<{ minute: MinuteCounts; width: number; version: number } | undefined>(undefined);
  useFrame(() => {
    const before = drawn.current;
    if (canvas.current === null || width === 0) return;
    if (before?.minute === minute && before.width === width && before.version === palette.version) return;
    drawn.current = { minute, width, version: palette.version };
    drawBars(canvas.current, width, minute);
  });
  const words = outcomes.map(([outcome, text]) => `${minute[outcome]} ${text}`).join(', ');
  return <canvas ref={canvas} class="bars" role="img" aria-label={words} style={{ height: barsHeight }} />;
}

/** What deviates stands at the bottom, at least a pixel and a half high, so that one block in a thousand is seen. */
function drawBars(canvas: HTMLCanvasElement, width: number, { seconds }: MinuteCounts): void {
  canvas.width = width * devicePixelRatio;
  canvas.height = barsHeight * devicePixelRatio;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(devicePixelRatio, devicePixelRatio);
  const most = Math.max(
    1,
    ...seconds.map((one) => (one === undefined ? 0 : one.passed + one.modified + one.blocked + one.failed)),
  );
  const step = width / seconds.length;
  for (const [index, one] of seconds.entries()) {
    if (one === undefined) continue;
    let bottom = barsHeight;
    for (const outcome of ['failed', 'blocked', 'modified', 'passed'] as const) {
      if (one[outcome] === 0) continue;
      const height = Math.max(1.5, (one[outcome] / most) * (barsHeight - 8));
      context.globalAlpha = outcome === 'passed' ? 0.5 : 1;
      context.fillStyle = palette.colour(`${outcome === 'passed' ? 'idle' : outcome}-fill`);
      context.fillRect(index * step, bottom - height, Math.max(1, step - 1.5), height);
      bottom -= height + 1;
    }
  }
}
