import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { Size } from './chart-view.js';

/** How large an element is, in whole pixels; undefined until it is known. */
export function useElementSize(element: RefObject<Element | null>): Size | undefined {
  const [size, setSize] = useState<Size | undefined>(undefined);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    const measure = () => {
      const [width, height] = [Math.round(current.clientWidth), Math.round(current.clientHeight)];
      if (width === 0 || height === 0) return;
      setSize((present) => (present?.width === width && present.height === height ? present : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
