import type { ControlAnswer, ControlRequest } from '../../feed/feed-control.js';

/** Something that a person can tell the host to do. */
export interface Order {
  /** The word on the button. */
  readonly label: string;
  /** What is asked before it is done. */
  readonly title: string;
  /** What comes of it, in one sentence. */
  readonly consequence: string;
  /** Whether it takes something away. */
  readonly grave: boolean;
  readonly request: ControlRequest;
}

/** What is said when the host has answered. */
export function answerInWords({ label }: Pick<Order, 'label'>, answer: ControlAnswer): string {
  if (answer.ok) return `${label}: ${answer.said}`;
  if (answer.status === 409) return `${label} was not done: it is ${answer.now} by now. Look again.`;
  return `${label} was not done: ${answer.said}`;
}
