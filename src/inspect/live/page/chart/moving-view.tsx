import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Detail, detailAt } from './chart-detail.js';
import { centredOn, fitted, moved, type Size, type View, windowOf, zoomedAt } from './chart-view.js';
import { contains } from '../../../charts/geometry.js';
import type { Point } from '../../../charts/placement.js';

/** A drawing in its frame, as a person moves it. */
export interface MovingView {
  readonly detail: Detail;
  /** The group that is moved. */
  readonly ground: RefObject<SVGGElement | null>;
  /** The rectangle of the minimap. */
  readonly window: RefObject<SVGRectElement | null>;
  readonly pan: (by: Point) => void;
  readonly zoom: (factor: number, at?: Point) => void;
  readonly fit: () => void;
  /** Back to where the actor is; from then on it is followed again. */
  readonly goHome: () => void;
  readonly seek: (point: Point) => void;
}

/**
 * @param home the view that shows where the actor is
 * @param place another text when the actor is somewhere else; the view follows until a person moves it
 */
export function useMovingView(drawing: Size, frame: Size, home: () => View, place: string): MovingView {
  const ground = useRef<SVGGElement>(null);
  const window = useRef<SVGRectElement>(null);
  const state = useRef({ view: home(), isTouched: false, home, drawing, frame });
  Object.assign(state.current, { home, drawing, frame });
  const [detail, setDetail] = useState(() => detailAt(state.current.view.zoom));

  const view = useMemo(() => {
    const show = (to: View, glides: boolean) => {
      state.current.view = to;
      const { current } = ground;
      if (current !== null) {
        current.classList.toggle('is-gliding', glides);
        current.style.transform = `translate(${rounded(to.x)}px, ${rounded(to.y)}px) scale(${to.zoom})`;
      }
      const part = windowOf(to, state.current.frame);
      for (const [name, value] of Object.entries(part)) window.current?.setAttribute(name, String(rounded(value)));
      const whole = { x: 0, y: 0, width: state.current.drawing.width, height: state.current.drawing.height };
      window.current?.classList.toggle('is-whole', contains(part, whole));
      const next = detailAt(to.zoom);
      setDetail((present) => (isSame(present, next) ? present : next));
    };
    const touch = (to: View, glides = false) => {
      state.current.isTouched = true;
      show(to, glides);
    };
    return {
      follow: (glides: boolean) => !state.current.isTouched && show(state.current.home(), glides),
      pan: (by: Point) => touch(moved(state.current.view, by, state.current.drawing, state.current.frame)),
      zoom: (factor: number, at?: Point) => {
        const { view: from, drawing: size, frame: room } = state.current;
        const middle = { x: room.width / 2, y: room.height / 2 };
        touch(moved(zoomedAt(from, factor, at ?? middle), { x: 0, y: 0 }, size, room), at === undefined);
      },
      fit: () => touch(fitted(state.current.drawing, state.current.frame), true),
      goHome: () => {
        state.current.isTouched = false;
        show(state.current.home(), true);
      },
      seek: (point: Point) => touch(centredOn(state.current.view, point, state.current.drawing, state.current.frame)),
    };
  }, []);

  const shown = useRef({ drawing, frame });
  useLayoutEffect(() => {
    // Another drawing, or another frame, is no movement.
    const isSameDrawing = shown.current.drawing === drawing && shown.current.frame === frame;
    if (shown.current.drawing !== drawing) state.current.isTouched = false;
    shown.current = { drawing, frame };
    view.follow(isSameDrawing);
  }, [view, drawing, frame, place]);
  return { detail, ground, window, ...view };
}

function isSame(one: Detail, other: Detail): boolean {
  return one.level === other.level && one.names === other.names && one.words === other.words;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
