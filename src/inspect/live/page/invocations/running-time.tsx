import { useRef, useState } from 'preact/hooks';
import { useFrame } from '../shell/page-context.js';
import { usePage } from '../shell/page-context.js';

/** How often a chain that runs is laid out anew. */
const stepMs = 100;

/** Milliseconds since something began, which draws the component anew as they go; while it runs. */
export function useRunningTime(began: number, runs: boolean): number {
  const { store } = usePage();
  const [, redraw] = useState(0);
  const drawn = useRef(0);
  useFrame((now) => {
    if (!runs || Math.abs(now - drawn.current) < stepMs) return;
    drawn.current = now;
    redraw((times) => times + 1);
  });
  return Math.max(0, store.now() - began);
}
