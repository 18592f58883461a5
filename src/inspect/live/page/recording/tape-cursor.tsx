import { useRef } from 'preact/hooks';
import { timeOfDay } from '../parts/time-format.js';
import { useFrame, useModel } from '../shell/page-context.js';
import { timeAt, xOf } from './tape.js';
import type { OpenRecording } from './use-recording.js';

/** The line that stands at the same moment as everything else, and that can be drawn along; the slider is the same for keys. */
export function TapeCursor({ recording, width }: { readonly recording: OpenRecording; readonly width: number }) {
  const epoch = useModel(({ hello }) => hello?.epoch ?? 0);
  const line = useRef<HTMLDivElement>(null);
  const label = useRef<HTMLElement>(null);
  const drawn = useRef('');
  useFrame(() => {
    const t = recording.timeNow();
    const x = Math.round(xOf(t, recording.range, width) * 2) / 2;
    const text = timeOfDay(epoch + t, 'milliseconds');
    if (line.current === null || label.current === null || drawn.current === `${x} ${text} ${width}`) return;
    drawn.current = `${x} ${text} ${width}`;
    line.current.style.setProperty('transform', `translateX(${x}px)`);
    // The words stay inside the box.
    const half = label.current.offsetWidth / 2;
    label.current.style.setProperty(
      'transform',
      `translateX(${Math.max(half, Math.min(width - half, x)) - x - half}px)`,
    );
    label.current.textContent = text;
  }, [recording, width]);
  const seek = (event: PointerEvent) => {
    if (event.buttons === 0 || !(event.currentTarget instanceof Element)) return;
    if (event.type === 'pointerdown') event.currentTarget.setPointerCapture(event.pointerId);
    const { left } = event.currentTarget.getBoundingClientRect();
    recording.toTime(timeAt(event.clientX - left, recording.range, width));
  };
  return (
    <div class="tape-reach" aria-hidden="true" onPointerDown={seek} onPointerMove={seek}>
      <div ref={line} class="tape-cursor">
        <b ref={label} />
      </div>
    </div>
  );
}
