import { useRef } from 'preact/hooks';
import type { Ribbon } from '../../feed/feed-states.js';
import { useElementWidth } from './element-width.js';
import { useFrame } from '../shell/page-context.js';
import { spansOf } from '../store/ribbon-history.js';
import type { Meaning } from './meaning.js';
import { palette } from './palette.js';
import { drawnSpans, formOf, ribbonInWords } from './ribbon-form.js';

export interface RibbonCanvasProps {
  readonly ribbon: Ribbon;
  /** Milliseconds that it shows; default: five minutes. */
  readonly spanMs?: number;
  /** Where it ends, in milliseconds since the epoch; default: now. */
  readonly until?: number;
  /** In pixels; default 14. */
  readonly height?: number;
}

/** The states of an actor in the last minutes. It is drawn anew when it has moved by a pixel. */
export function RibbonCanvas({ ribbon, spanMs = 300_000, until, height = 14 }: RibbonCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useElementWidth(canvas);
  const drawn = useRef('');
  const shown = useRef<Ribbon | undefined>(undefined);
  useFrame(
    (now) => {
      const to = until ?? now;
      if (canvas.current === null || width === 0) return;
      const pixel = Math.floor((to / spanMs) * width);
      const state = `${pixel} ${width} ${palette.version} ${devicePixelRatio}`;
      if (state === drawn.current && shown.current === ribbon) return;
      drawn.current = state;
      shown.current = ribbon;
      const spans = spansOf(ribbon, to - spanMs, to);
      draw(canvas.current, width, height, (t) => ((t - to) / spanMs + 1) * width, spans);
      canvas.current.setAttribute('aria-label', ribbonInWords(spans));
    },
    [ribbon, width, until, spanMs],
  );
  return <canvas ref={canvas} class="ribbon" role="img" aria-label="" style={{ height: `${height}px` }} />;
}

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  placeOf: (t: number) => number,
  spans: ReturnType<typeof spansOf>,
): void {
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(scale, scale);
  for (const { from, to, meaning } of drawnSpans(spans)) {
    const left = placeOf(from);
    // What was short is seen all the same.
    const wide = Math.max(meaning === 'ready' || meaning === 'idle' ? 0.5 : 2, placeOf(to) - left);
    drawSpan(context, meaning, left, wide, height);
  }
}

/** One state, at the bottom of a ribbon. */
export function drawSpan(
  context: CanvasRenderingContext2D,
  meaning: Meaning,
  left: number,
  wide: number,
  height: number,
): void {
  const form = formOf(meaning);
  const tall = form.pattern === 'thin' ? 1.5 : height * form.height;
  const top = height - tall;
  const fill = palette.colour(`${meaning}-fill`);
  context.fillStyle = form.pattern === 'lined' || form.pattern === 'hatched' ? palette.colour(`${meaning}-soft`) : fill;
  context.fillRect(left, top, wide, tall);
  context.fillStyle = fill;
  if (form.pattern === 'lined') context.fillRect(left, height - 2, wide, 2);
  if (form.pattern !== 'hatched') return;
  context.save();
  context.beginPath();
  context.rect(left, top, wide, tall);
  context.clip();
  context.beginPath();
  for (let x = Math.floor((left - tall) / 5) * 5; x < left + wide + tall; x += 5) {
    context.moveTo(x, height);
    context.lineTo(x + tall * 0.7, top);
  }
  context.lineWidth = 2.4;
  context.strokeStyle = fill;
  context.stroke();
  context.restore();
}
