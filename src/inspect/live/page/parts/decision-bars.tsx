import { useRef } from 'preact/hooks';
import type { SecondCounts } from '../../feed/feed-states.js';
import { useFrame } from '../shell/page-context.js';
import { useElementWidth } from './element-width.js';
import { palette } from './palette.js';

export interface DecisionBarsProps {
  /** The oldest first; undefined where nothing is known of one. */
  readonly seconds: readonly (SecondCounts | undefined)[];
  /** In pixels. */
  readonly height: number;
  /** What it says, for who does not see it. */
  readonly label: string;
}

/** What was decided in each second: passed is grey, what deviates stands under it in its colour. */
export function DecisionBars({ seconds, height, label }: DecisionBarsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useElementWidth(canvas);
  const drawn = useRef<unknown[]>([]);
  useFrame(() => {
    if (canvas.current === null || width === 0) return;
    const state = [seconds, width, palette.version, devicePixelRatio];
    if (state.every((value, index) => value === drawn.current[index])) return;
    drawn.current = state;
    drawBars(canvas.current, width, height, seconds);
  }, [seconds, width]);
  return <canvas ref={canvas} class="bars" role="img" aria-label={label} style={{ height: `${height}px` }} />;
}

/** What deviates is at least a pixel and a half high, so that one block in a thousand is seen. */
function drawBars(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  seconds: DecisionBarsProps['seconds'],
): void {
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(devicePixelRatio, devicePixelRatio);
  const totals = seconds.map((one) => (one === undefined ? 0 : one.passed + one.modified + one.blocked + one.failed));
  const most = Math.max(1, ...totals);
  const step = width / Math.max(1, seconds.length);
  const gap = step > 3 ? 1.5 : 0.5;
  for (const [index, one] of seconds.entries()) {
    if (one === undefined) continue;
    let bottom = height;
    for (const outcome of ['failed', 'blocked', 'modified', 'passed'] as const) {
      if (one[outcome] === 0) continue;
      const tall = Math.max(1.5, (one[outcome] / most) * (height - 8));
      context.globalAlpha = outcome === 'passed' ? 0.5 : 1;
      context.fillStyle = palette.colour(`${outcome === 'passed' ? 'idle' : outcome}-fill`);
      context.fillRect(index * step, bottom - tall, Math.max(0.8, step - gap), tall);
      bottom -= tall + (gap > 1 ? 1 : 0);
    }
  }
}
