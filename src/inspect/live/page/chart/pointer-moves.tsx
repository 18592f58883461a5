import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Point } from '../../../charts/placement.js';
import type { MovingView } from './moving-view.js';

/** Drag pans, the wheel and two fingers zoom. */
export function usePointerMoves(frame: RefObject<Element | null>, { pan, zoom }: MovingView, isMovable: boolean): void {
  useEffect(() => {
    const { current } = frame;
    if (current === null || !isMovable) return undefined;
    const pointers = new Map<number, Point>();
    const ends = new AbortController();
    const listen = { signal: ends.signal };
    const inFrame = ({ clientX, clientY }: MouseEvent): Point => {
      const { left, top } = current.getBoundingClientRect();
      return { x: clientX - left, y: clientY - top };
    };
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      // A pinch on a touchpad comes as small steps of a wheel with Ctrl.
      const speed = event.ctrlKey ? 0.01 : 0.0016;
      zoom(Math.exp(-Math.max(-240, Math.min(240, event.deltaY * lines)) * speed), inFrame(event));
    };
    const onDown = (event: PointerEvent) => {
      if (event.button !== 0) return;
      pointers.set(event.pointerId, inFrame(event));
    };
    const onMove = (event: PointerEvent) => {
      const before = pointers.get(event.pointerId);
      if (before === undefined) return;
      const at = inFrame(event);
      // Captured from the first movement on, so that a click stays a click.
      if (!current.hasPointerCapture(event.pointerId)) current.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, at);
      const [other] = [...pointers].flatMap(([id, point]) => (id === event.pointerId ? [] : [point]));
      if (other === undefined) {
        pan({ x: at.x - before.x, y: at.y - before.y });
        return;
      }
      const [was, is] = [distance(before, other), distance(at, other)];
      pan({ x: (at.x - before.x) / 2, y: (at.y - before.y) / 2 });
      if (was > 0) zoom(is / was, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
    };
    const onUp = (event: PointerEvent) => pointers.delete(event.pointerId);
    current.addEventListener('wheel', (event) => event instanceof WheelEvent && onWheel(event), {
      ...listen,
      passive: false,
    });
    for (const [name, take] of [
      ['pointerdown', onDown],
      ['pointermove', onMove],
      ['pointerup', onUp],
      ['pointercancel', onUp],
    ] as const) {
      current.addEventListener(name, (event) => event instanceof PointerEvent && take(event), listen);
    }
    return () => ends.abort();
  }, [frame, isMovable, pan, zoom]);
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
