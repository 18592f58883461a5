import type { InvocationDetail, StepDetail, ViolationDetail } from '../../feed/feed-invocations.js';
import { counted } from '../parts/time-format.js';
import { redactedText } from './diff-rows.js';
import { exactMs } from './duration-text.js';
import { type Look, stepWords } from './step-meaning.js';

export interface Fact {
  readonly term: string;
  readonly lines: readonly FactLine[];
}

export interface FactLine {
  readonly text: string;
  /** In smaller words behind it. */
  readonly note?: string;
  /** Set where the line begins with what a plugin did. */
  readonly look?: StepDetail['status'];
  /** It can be typed, or searched for. */
  readonly isCode?: boolean;
}

export interface Why {
  readonly look: Look;
  readonly title: string;
  readonly code: string | undefined;
  readonly facts: readonly Fact[];
}

/** Why an invocation ended as it did, and what proves it. */
export function whyOf(invocation: InvocationDetail): Why {
  const { outcome, by, steps, violation } = invocation;
  const decider = steps.find(({ p }) => p === by);
  const facts = [
    ...(violation === undefined ? [] : foundFacts(violation)),
    ...troubleFacts(invocation, decider),
    ...(decider === undefined ? [] : [deciderFact(decider, invocation)]),
    ...(invocation.told === undefined ? [] : [fact('agent was told', [{ text: `“${invocation.told}”` }])]),
    ...alsoSaid(invocation, decider),
    ...proofFacts(invocation),
  ];
  return { look: outcome, ...titleOf(invocation, decider), facts };
}

function titleOf(invocation: InvocationDetail, decider: StepDetail | undefined): Pick<Why, 'title' | 'code'> {
  const { outcome, violation, steps } = invocation;
  const error = decider?.error ?? invocation.error;
  switch (outcome) {
    case 'blocked':
      return { title: violation?.reason ?? 'Blocked', code: violation?.code };
    case 'timedOut':
      return { title: `${decider?.p ?? 'A plugin'} did not answer in time`, code: error?.code };
    case 'failed':
      return { title: `${decider?.p ?? 'The chain'} failed`, code: error?.code };
    case 'aborted':
      return { title: 'It was called off before it was decided', code: error?.code };
    case 'modified': {
      const changed = steps.filter(({ status }) => status === 'modified').length;
      return { title: `Let through as ${counted(changed, 'plugin')} changed it`, code: violation?.code };
    }
    case 'running':
      return { title: 'Not decided yet', code: undefined };
    case 'passed':
      return { title: 'Let through as it came', code: violation?.code };
  }
}

function foundFacts({ description, at, details, counts }: ViolationDetail): Fact[] {
  const shown = Object.entries(details ?? {}).map(
    ([name, value]): FactLine => ({
      text: `${name}: ${value.text ?? redactedText(value)}`,
      isCode: true,
    }),
  );
  const lines = [
    ...(description === undefined ? [] : [{ text: description }]),
    ...(at === undefined || description?.includes(at) === true ? [] : [{ text: at, isCode: true }]),
    ...shown,
    ...(counts ? [] : [{ text: 'Its mode does not let that count.' }]),
  ];
  return lines.length === 0 ? [] : [fact('found', lines)];
}

function troubleFacts({ outcome, error, steps }: InvocationDetail, decider: StepDetail | undefined): Fact[] {
  if (outcome === 'running') {
    const running = steps.filter(({ status }) => status === 'running');
    return running.length === 0
      ? []
      : [
          fact(
            'runs',
            running.map((step) => ({ text: step.p, note: deadlineNote(step) })),
          ),
        ];
  }
  const said = decider?.error ?? error;
  return [
    ...(said === undefined ? [] : [fact('error', [{ text: said.message, isCode: true }])]),
    ...(decider?.deadlineMs === undefined || outcome !== 'timedOut'
      ? []
      : [fact('deadline', [{ text: exactMs(decider.deadlineMs) }])]),
    ...(decider?.outstanding === undefined ? [] : [fact('outstanding then', [{ text: decider.outstanding }])]),
  ];
}

function deadlineNote({ deadlineMs }: StepDetail): string {
  return deadlineMs === undefined ? 'without a deadline' : `given up after ${exactMs(deadlineMs)}`;
}

function deciderFact({ p, version, mode, source }: StepDetail, { revision }: InvocationDetail): Fact {
  return fact('decided by', [
    { text: version === undefined ? p : `${p} ${version}`, note: mode },
    source === undefined
      ? { text: `configuration ${revision}` }
      : { text: source, note: `configuration ${revision}`, isCode: true },
  ]);
}

/** What those said that ran beside whoever decided. */
function alsoSaid({ steps, outcome }: InvocationDetail, decider: StepDetail | undefined): Fact[] {
  if (decider === undefined || (outcome !== 'blocked' && outcome !== 'timedOut' && outcome !== 'failed')) return [];
  const others = steps.filter(({ p, phase }) => phase === decider.phase && p !== decider.p);
  return others.length === 0
    ? []
    : [
        fact(
          'also said',
          others.map(({ p, status }) => ({ text: p, note: stepWords[status], look: status })),
        ),
      ];
}

function proofFacts({ fp: [came, seen], by, steps, outcome }: InvocationDetail): Fact[] {
  const at = steps.findIndex(({ p }) => p === by);
  const changers = steps.slice(0, Math.max(0, at)).filter(({ status }) => status === 'modified');
  const last = changers.at(-1);
  const after = last === undefined ? '' : `, after ${last.p}`;
  return [
    fact('proof', [
      { text: `#${came}`, note: 'payload as it came', isCode: true },
      ...(seen === undefined
        ? []
        : [
            {
              text: `#${seen}`,
              note:
                by === undefined
                  ? outcome === 'running'
                    ? 'as the last one saw it'
                    : 'payload as it left'
                  : `as ${by} saw it${after}`,
              isCode: true,
            },
          ]),
    ]),
  ];
}

function fact(term: string, lines: readonly FactLine[]): Fact {
  return { term, lines };
}
