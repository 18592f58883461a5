import type { SequenceMessage } from '../../feed/feed-invocations.js';
import { rounded } from '../model/latencies.js';
import { withoutUrlSecrets } from '../redaction/shown-errors.js';
import { shownName } from '../redaction/shown-text.js';
import type { CallFacts } from './call-facts.js';
import type { KeptInvocation } from './kept-invocation.js';
import { phaseOf, stepStates } from './step-details.js';

/** Who stands in the middle. */
const gateway = 'gateway';

/** Who had a part in an invocation, or in the call that it belongs to, in the order of what happened. */
export function sequenceOf(kept: KeptInvocation, timeOf: (onClock: number) => number): SequenceMessage[] {
  const { call } = kept;
  const agent = kept.agent ?? 'agent';
  const invocations =
    call === undefined ? [kept] : call.invocations.toSorted((one, other) => one.trace.beganAt - other.trace.beganAt);
  const began = call?.began ?? timeOf(kept.trace.beganAt);
  const first: SequenceMessage = {
    from: agent,
    to: gateway,
    text:
      call === undefined
        ? kept.trace.chain.hook.name
        : `${call.method} ${shownName(withoutUrlSecrets(shownName(call.subject)))}`,
    t: rounded(began),
    kind: 'call',
  };
  const middle = [
    ...invocations.flatMap((one) => hookMessages(one, timeOf)),
    ...(call === undefined ? [] : legMessages(call)),
  ];
  return [first, ...middle.sort((one, other) => one.t - other.t), ...lastMessages(kept, agent, timeOf)];
}

/** What one invocation did: a plugin elsewhere is called, one of this process is a note. */
function hookMessages(
  { trace }: Pick<KeptInvocation, 'trace'>,
  timeOf: (onClock: number) => number,
): SequenceMessage[] {
  const messages: SequenceMessage[] = [];
  const group = trace.sideBySide > 1 ? Math.round(trace.beganAt) : undefined;
  for (const { step, status, run } of stepStates(trace)) {
    const name = shownName(step.plugin.name);
    const isRemote = step.plugin.config.kind === 'external';
    const isBackground = step.plugin.rights.schedule === 'afterwards';
    const beside = step.plugin.rights.schedule === 'sideBySide' && group !== undefined ? { group } : {};
    if (run === undefined) {
      const t = rounded(timeOf(trace.end?.at ?? trace.beganAt));
      if (status === 'notReached' && isRemote)
        messages.push({ from: gateway, to: name, text: 'not reached', t, kind: 'notCalled' });
      else if (isBackground && status !== 'skipped' && status !== 'disabled' && status !== 'notReached')
        messages.push({ from: gateway, to: gateway, text: `${name} in the background`, t, kind: 'note' });
      continue;
    }
    const t = rounded(timeOf(run.startedAt));
    if (!isRemote) {
      messages.push({ from: gateway, to: gateway, text: `${name}: ${status}`, t, kind: 'note', ...beside });
      continue;
    }
    messages.push({
      from: gateway,
      to: name,
      text: `${trace.chain.hook.name} (${phaseOf(step.plugin.rights.phase)})`,
      t,
      kind: 'call',
      ...beside,
    });
    if (run.endedAt === undefined) continue;
    const kind = status === 'blocked' ? 'refusal' : 'answer';
    messages.push({ from: name, to: gateway, text: status, t: rounded(timeOf(run.endedAt)), kind, ...beside });
  }
  return messages;
}

/** The server, each time that it was asked; or that it was not. */
function legMessages({ server, method, legs, began, ended }: CallFacts): SequenceMessage[] {
  const name = shownName(server);
  if (legs.length === 0) {
    if (ended === undefined) return [];
    return [{ from: gateway, to: name, text: 'not called', t: rounded(ended), kind: 'notCalled' }];
  }
  return legs.flatMap(({ asked, answered }): SequenceMessage[] => [
    { from: gateway, to: name, text: method, t: rounded(Math.max(asked, began)), kind: 'call' },
    ...(answered === undefined
      ? []
      : [
          {
            from: name,
            to: gateway,
            text: `answered after ${rounded(answered - asked)} ms`,
            t: rounded(answered),
            kind: 'answer' as const,
          },
        ]),
  ]);
}

function lastMessages(
  { call, trace }: KeptInvocation,
  agent: string,
  timeOf: (onClock: number) => number,
): SequenceMessage[] {
  if (call === undefined) {
    const { end } = trace;
    if (end === undefined) return [];
    const kind = end.kind === 'passed' || end.kind === 'modified' ? 'answer' : 'refusal';
    return [{ from: gateway, to: agent, text: end.kind, t: rounded(timeOf(end.at)), kind }];
  }
  if (call.ended === undefined) return [];
  const kind = call.failure === undefined ? 'answer' : 'refusal';
  return [{ from: gateway, to: agent, text: call.failure?.code ?? 'answered', t: rounded(call.ended), kind }];
}
