import type { InvocationDetail } from '../../feed/feed-invocations.js';
import { mermaidSequence } from './mermaid-sequence.js';

/** One form in which an invocation is copied, as the menu takes it. */
export interface InvocationForm {
  readonly name: string;
  readonly hint: string;
  readonly text: () => string;
}

/** An invocation to hand on: with what is on the screen, and no more. */
export function copyForms(invocation: InvocationDetail, link: () => string): readonly InvocationForm[] {
  return [
    { name: 'link', hint: 'to this page', text: link },
    { name: 'JSON', hint: 'all that is known', text: () => `${JSON.stringify(invocation, undefined, 2)}\n` },
    { name: 'Mermaid', hint: 'the sequence', text: () => mermaidSequence(invocation) },
    { name: 'command', hint: 'run the hook again', text: () => invokeCommand(invocation) },
  ];
}

/** The payload is not known here: its file is for whoever has it. */
export function invokeCommand({ hook, steps }: InvocationDetail): string {
  const source =
    steps.find((step) => step.source !== undefined)?.source?.replace(/:\d+(?::\d+)?$/, '') ?? 'plugins.yaml';
  return `npx gatechart invoke --config ${shellWord(source)} --hook ${shellWord(hook)} --payload payload.json`;
}

/** Text from outside is one word of a shell, whatever is in it. */
export function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
