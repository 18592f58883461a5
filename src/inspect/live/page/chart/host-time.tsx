import { useEffect, useRef } from 'preact/hooks';
import { usePage } from '../shell/page-context.js';

/** Calls back in each frame with the time at the host, where time runs; once where it stands still. */
export function useTime(isRunning: boolean, listener: (now: number) => void): void {
  const { frames } = usePage();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const end = frames.onFrame((now) => latest.current(now));
    if (isRunning) return end;
    end();
    return undefined;
  }, [frames, isRunning]);
}
