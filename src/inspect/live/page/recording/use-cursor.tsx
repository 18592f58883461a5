import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { browserClock } from '../parts/browser-clock.js';
import { usePage, useRoute } from '../shell/page-context.js';
import { MeantCursor } from './meant-cursor.js';

/** The cursor of a recording, which goes where the address does, and takes the address along. */
export function useCursor(): MeantCursor {
  const { go } = usePage();
  const route = useRoute();
  const { seq = 0 } = route;
  const [, redraw] = useState(0);
  const latest = useRef({ go, route });
  latest.current = { go, route };
  const cursor = useMemo(
    () =>
      new MeantCursor(seq, browserClock, {
        moved: () => redraw((times) => times + 1),
        write: (seq) => latest.current.go({ ...latest.current.route, seq }, 'replace'),
      }),
    [],
  );
  useLayoutEffect(() => cursor.follow(seq), [cursor, seq]);
  useEffect(() => () => cursor.close(), [cursor]);
  return cursor;
}
