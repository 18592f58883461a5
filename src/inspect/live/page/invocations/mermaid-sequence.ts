import type { InvocationDetail, SequenceMessage } from '../../feed/feed-invocations.js';
import { sequenceActors } from './sequence-actors.js';

const arrows: Readonly<Record<SequenceMessage['kind'], string>> = {
  call: '->>',
  answer: '-->>',
  refusal: '--x',
  note: '',
  notCalled: '',
};

/**
 * The sequence as Mermaid reads it. Names and texts come from outside: actors are numbered, and everything that is not a
 * letter, a digit or a space is written as an entity, so that nothing in them is read as a part of the diagram.
 */
export function mermaidSequence(invocation: InvocationDetail): string {
  const actors = sequenceActors(invocation);
  const ids = new Map(actors.map(({ name }, index) => [name, `p${index}`]));
  const idOf = (name: string): string => ids.get(name) ?? 'p0';
  const lines = [
    'sequenceDiagram',
    ...actors.map(
      ({ name, kind }) => `  ${kind === 'agent' ? 'actor' : 'participant'} ${idOf(name)} as ${quoted(name)}`,
    ),
  ];
  let group: number | undefined;
  for (const message of invocation.sequence) {
    if (group !== undefined && message.group !== group) lines.push('  end');
    if (message.group !== undefined && message.group !== group) lines.push('  rect rgba(128, 128, 128, 0.1)');
    group = message.group;
    lines.push(`${group === undefined ? '  ' : '    '}${messageLine(message, idOf)}`);
  }
  if (group !== undefined) lines.push('  end');
  return `${lines.join('\n')}\n`;
}

function messageLine({ from, to, text, kind }: SequenceMessage, idOf: (name: string) => string): string {
  if (kind === 'notCalled') return `Note over ${idOf(to)}: not called`;
  if (kind === 'note' || from === to) return `Note over ${idOf(to)}: ${quoted(text)}`;
  return `${idOf(from)}${arrows[kind]}${idOf(to)}: ${quoted(text)}`;
}

/** Mermaid trims texts and needs one; a word of its own (`end`) within is told apart by the entity in front. */
function quoted(text: string): string {
  const shown = text.replaceAll(/\s+/gu, ' ').trim();
  if (shown === '') return '-';
  return shown.replaceAll(/[^\p{L}\p{N} _./,-]/gu, (character) => `#${character.codePointAt(0)};`);
}
