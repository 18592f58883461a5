import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage, useRoute } from '../shell/page-context.js';

/** A browser refuses addresses that change more often, over seconds. */
const leastMs = 60;

/** The event that the address names, and how to go to another one, as often as anybody likes: the last one counts. */
export function usePacedRoute(): { readonly seq: number; readonly go: (seq: number) => void } {
  const { go } = usePage();
  const route = useRoute();
  const [wanted, setWanted] = useState<number | undefined>(undefined);
  const state = useRef<{ timer?: ReturnType<typeof setTimeout>; last: number; route: typeof route }>({
    last: 0,
    route,
  });
  state.current.route = route;
  useEffect(() => () => clearTimeout(state.current.timer), []);
  const send = (seq: number) => {
    state.current.last = performance.now();
    setWanted(undefined);
    go({ ...state.current.route, seq }, 'replace');
  };
  return {
    seq: wanted ?? route.seq ?? 0,
    go: (seq) => {
      clearTimeout(state.current.timer);
      const wait = state.current.last + leastMs - performance.now();
      if (wait <= 0) return send(seq);
      setWanted(seq);
      state.current.timer = setTimeout(() => send(seq), wait);
    },
  };
}
