import { useEffect, useRef } from 'preact/hooks';
import type { FrameSource } from './chart-props.js';

/** @param frames undefined while time stands still */
export function useFrames(frames: FrameSource | undefined, listener: (now: number) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => frames?.((now) => latest.current(now)), [frames]);
}
