import { useEffect, useRef } from 'preact/hooks';
import { useFrame, useModel, usePage } from '../shell/page-context.js';
import type { Meaning } from './meaning.js';
import { palette } from './palette.js';
import { drawSpan } from './ribbon-canvas.js';
import { timeOfDay } from './time-format.js';

const shown: readonly Meaning[] = ['ready', 'connecting', 'reconnecting', 'failed', 'idle'];

/** What the heights and patterns of a ribbon mean. */
export function RibbonKey() {
  return (
    <ul class="ribbon-key">
      {shown.map((meaning) => (
        <li key={meaning}>
          <RibbonSample meaning={meaning} />
          {meaning}
        </li>
      ))}
    </ul>
  );
}

function RibbonSample({ meaning }: { readonly meaning: Meaning }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef(-1);
  const draw = () => {
    const context = canvas.current?.getContext('2d');
    if (drawn.current === palette.version || canvas.current === null || context == null) return;
    drawn.current = palette.version;
    canvas.current.width = 18 * devicePixelRatio;
    canvas.current.height = 11 * devicePixelRatio;
    context.scale(devicePixelRatio, devicePixelRatio);
    drawSpan(context, meaning, 0, 18, 11);
  };
  useEffect(draw, [meaning]);
  useFrame(draw);
  return <canvas ref={canvas} class="ribbon-sample" aria-hidden="true" />;
}

/** The minutes of a ribbon of five minutes, under or over it. */
export function RibbonAxis() {
  const { store } = usePage();
  const epoch = useModel((model) => model.hello?.epoch ?? 0);
  const minute = useModel((model) => Math.floor(model.t / 1000) * 1000);
  return (
    <span class="ribbon-axis">
      {[5, 4, 3, 2, 1].map((back) => (
        <span key={back}>{timeOfDay(epoch + minute - back * 60_000, 'minutes')}</span>
      ))}
      <span>{store.time.at === 'held' ? timeOfDay(epoch + minute, 'minutes') : 'now'}</span>
    </span>
  );
}
