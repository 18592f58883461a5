import type { ActorKind } from '../../feed/feed-states.js';

/** What actors of each machine stand for; whatever is not in it is `other`. */
const kinds: Readonly<Record<string, ActorKind>> = {
  connection: 'connection',
  call: 'call',
  eventStream: 'stream',
  answerResumption: 'stream',
  invocation: 'invocation',
  branch: 'invocation',
  plugin: 'plugin',
  reload: 'reload',
  configWatch: 'watch',
  listWatch: 'watch',
  gatewayCall: 'gatewayCall',
  login: 'login',
  downstreamSession: 'session',
  server: 'listener',
};

/** Those that live as long as a request, and of which there are thousands. */
const brief: ReadonlySet<string> = new Set(['call', 'invocation', 'branch', 'gatewayCall']);

/** Last states of those that came to the end that was wished for. */
const wished: ReadonlySet<string> = new Set(['completed', 'answered']);

const odd =
  /(^|\.)(failed|blocked|halted|denied|refused|timedOut|cancelled|outcomeUnknown|suspect|reconnecting|gone|needed|disabled)(\.|$)/i;

export function kindOf(machine: string): ActorKind {
  return kinds[machine] ?? 'other';
}

export function isBrief(machine: string): boolean {
  return brief.has(machine);
}

/** Whether an actor that lives briefly has come to another end than the wished one. */
export function isOddEnd(state: string): boolean {
  return !wished.has(state);
}

/** Whether it is out of the ordinary to come to a state. */
export function isOddState(state: string): boolean {
  return odd.test(state);
}
