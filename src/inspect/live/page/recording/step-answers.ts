import type { StepMessage } from '../../feed/feed-recording.js';
import type { HostRequests } from '../feed/host-requests.js';

/** How many are kept: going back and forth asks for the same ones again. */
const mostKept = 200;

const kept = new WeakMap<HostRequests, Map<number, Promise<StepMessage>>>();

/** Everything as it was at one event of a recording. Asked for once, however many parts of the page show it. @throws HostRefusal */
export function stepAt(requests: HostRequests, seq: number): Promise<StepMessage> {
  const steps = kept.get(requests) ?? new Map<number, Promise<StepMessage>>();
  kept.set(requests, steps);
  const known = steps.get(seq);
  if (known !== undefined) return known;
  const step = requests.get<StepMessage>(`/step?seq=${seq}`);
  steps.set(seq, step);
  step.catch(() => steps.delete(seq));
  const [oldest] = steps.keys();
  if (steps.size > mostKept && oldest !== undefined) steps.delete(oldest);
  return step;
}
