import { useRef } from 'preact/hooks';
import { useFrame } from '../shell/page-context.js';
import { countdown, shortCountdown } from './time-format.js';
import type { TimerState } from '../../feed/feed-states.js';
import type { Meaning } from './meaning.js';

/** Writes a text that goes with time, where it has changed: no part of the page is drawn again for it. */
function useTimedText(textAt: (now: number) => string) {
  const element = useRef<HTMLSpanElement>(null);
  const written = useRef('');
  useFrame((now) => {
    const text = textAt(now);
    if (element.current === null || (text === written.current && element.current.firstChild !== null)) return;
    written.current = text;
    element.current.textContent = text;
  });
  return element;
}

/** How long ago something was: `8.8 s`. */
export function Elapsed({ since }: { readonly since: number }) {
  return <span ref={useTimedText((now) => countdown(now - since))} />;
}

/** When something is due: `in 6.2 s`, `now`. */
export function Countdown({ due, prefix = 'in ' }: { readonly due: number; readonly prefix?: string }) {
  return <span ref={useTimedText((now) => (due <= now ? 'now' : `${prefix}${countdown(due - now)}`))} />;
}

export interface CountdownRingProps {
  readonly timer: TimerState;
  readonly meaning: Meaning;
  /** In pixels; default 36. */
  readonly size?: number;
}

/** A timer as a ring that empties, with what is left of it in the middle. The words beside it say the same. */
export function CountdownRing({ timer, meaning, size = 36 }: CountdownRingProps) {
  const arc = useRef<SVGCircleElement>(null);
  const radius = 50 - 350 / size;
  const around = 2 * Math.PI * radius;
  useFrame((now) => {
    const left = Math.max(0, Math.min(1, (timer.due - now) / Math.max(1, timer.of)));
    arc.current?.style.setProperty('stroke-dashoffset', String(Math.round(around * (1 - left) * 10) / 10));
  });
  const text = useTimedText((now) => shortCountdown(timer.due - now));
  const circle = { cx: 50, cy: 50, r: radius, fill: 'none', 'stroke-width': 250 / size };
  return (
    <span class={`ring is-${meaning}`} style={{ width: `${size}px`, height: `${size}px` }} aria-hidden="true">
      <svg viewBox="0 0 100 100" width={size} height={size}>
        <circle {...circle} class="ring-ground" />
        <circle {...circle} ref={arc} class="ring-arc" stroke-dasharray={String(around)} />
      </svg>
      <span ref={text} class="ring-text" style={{ fontSize: size > 48 ? '16px' : '11.5px' }} />
    </span>
  );
}
