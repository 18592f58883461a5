/** What is promised of every world, whatever happens to it. */
export const invariants = {
  'settles-once': 'each call settles exactly once, and none is lost',
  'in-time': 'each call settles within its time-out',
  'own-answer': 'each caller gets the answer to its own call, and hears and is asked of its own calls alone',
  'one-link': 'a connection has one link at a time, apart from those that retire',
  order: 'what waits for a server goes to it in the order in which it came; progress is told in order',
  bounded: 'calls in flight, calls that wait and servers that start are as many as the configuration says at most',
  admitted: 'a server gets what was asked of it, and nothing that rules or entries do not admit',
  blocked:
    'a call that a plugin has blocked does not reach its server; an answer that one has blocked does not reach its caller',
  modified: 'what a plugin has changed is what goes on, and nobody changes what their mode does not let them',
  'listed-usable': 'what is listed can be called, and what is not listed cannot',
  executions: 'a call is executed as often as its entry allows, and not at all once it has settled',
  'nothing-left': 'nothing is left of what is over: no timer, no link, no listener, no call',
  recovers: 'once all is well again, every server answers',
  unbroken: 'no machine and no listener breaks off',
  progress: 'time goes on, and closing comes to an end',
} as const;

/** The name of a promise; that of a check of one's own is whatever it is called. */
export type InvariantName = keyof typeof invariants;

/** A promise that was not kept. */
export interface SimulationViolation {
  readonly invariant: string;
  /** What happened instead, in words. */
  readonly message: string;
  /** The step after which it was seen, from 1. */
  readonly step: number;
  /** Milliseconds since the world began. */
  readonly atMs: number;
}
