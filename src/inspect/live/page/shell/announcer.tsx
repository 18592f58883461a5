import { useEffect, useRef, useState } from 'preact/hooks';
import { attentionOf } from '../overview/attention.js';
import { verdictOf } from '../overview/verdict.js';
import { isLoaded } from '../store/model.js';
import { useModel } from './page-context.js';

/** Milliseconds between two announcements, at least. */
const leastBetweenMs = 5_000;

/** Reads the verdict out when it has changed, wherever one is on the page: no timers, and not more often than is bearable. */
export function Announcer() {
  const verdict = useModel((model) => (isLoaded(model) ? verdictOf(model, attentionOf(model)).sentence : ''));
  const [said, setSaid] = useState('');
  const saidAt = useRef(-leastBetweenMs);
  useEffect(() => {
    if (verdict === said) return;
    const timer = setTimeout(
      () => {
        saidAt.current = performance.now();
        setSaid(verdict);
      },
      Math.max(0, saidAt.current + leastBetweenMs - performance.now()),
    );
    return () => clearTimeout(timer);
  }, [verdict, said]);
  return (
    <div class="unseen" aria-live="polite">
      {said}
    </div>
  );
}
