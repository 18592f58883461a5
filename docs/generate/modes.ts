import { readFileSync } from 'node:fs';
import { modeTraits, type PluginModeName, pluginModeNames } from '../../src/config/sections/plugin-modes.js';
import { type ModeRights, pluginModes } from '../../src/plugins/plugin-mode.js';
import { type GeneratedFile, table } from './generated-file.js';

const page = 'docs/reference/modes.md';
const begin =
  '<!-- Generated from src/config/sections/plugin-modes.ts and src/plugins/plugin-mode.ts by `npm run docs`. -->';
const end = '<!-- end of what is generated -->';

/** How plugins of one phase run. */
const schedules: Readonly<Record<ModeRights['schedule'], string>> = {
  inTurn: 'one after the other',
  sideBySide: 'side by side',
  afterwards: 'after the answer',
  never: 'never',
};

/** The table of modes and the drawing of their phases: both say what the code does. */
export function generateModes(): GeneratedFile[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const before = text.slice(0, text.indexOf(begin) + begin.length);
  const after = text.slice(text.indexOf(end));
  return [{ path: page, content: `${before}\n\n${drawing()}\n\n${modesTable()}\n\n${after}` }];
}

function drawing(): string {
  const phases = new Map<number, PluginModeName[]>();
  for (const name of pluginModeNames) {
    const { phase } = modeTraits[name];
    if (phase !== undefined) phases.set(phase, [...(phases.get(phase) ?? []), name]);
  }
  const numbers = [...phases.keys()].toSorted((a, b) => a - b);
  const isAfterwards = (number: number): boolean =>
    (phases.get(number) ?? []).every((name) => pluginModes[name].schedule === 'afterwards');
  const nodes = numbers.map((number) => {
    const names = phases.get(number) ?? [];
    const [first] = names;
    return `  p${number}["${names.join(', ')}<br/>${first === undefined ? '' : schedules[pluginModes[first].schedule]}"]`;
  });
  const before = numbers.filter((number) => !isAfterwards(number)).map((number) => `p${number}`);
  const afterwards = numbers.filter(isAfterwards).map((number) => `p${number}`);
  const links = [
    `  payload(["payload"]) --> ${before.join(' --> ')} --> answer(["answer"])`,
    ...afterwards.map((name) => `  answer -.-> ${name}`),
  ];
  return ['```mermaid', 'flowchart LR', ...nodes, ...links, '```'].join('\n');
}

function modesTable(): string {
  const yes = (may: boolean): string => (may ? 'yes' : 'no');
  const heads = [
    'mode',
    'phase',
    'runs',
    'may block',
    'may modify',
    'of a block its modification',
    'state is kept',
    'errors, where `on_error` is not written',
  ];
  const rows = pluginModeNames.map((name) => {
    const rights = pluginModes[name];
    const { phase, onError } = modeTraits[name];
    if (phase === undefined) return [`\`${name}\``, '–', 'never started', '', '', '', '', ''];
    const ofBlock = rights.keepsModificationOfBlock ? 'counts' : 'is dropped';
    return [
      `\`${name}\``,
      `${phase + 1}`,
      schedules[rights.schedule],
      yes(rights.mayBlock),
      yes(rights.mayModify),
      rights.mayBlock && rights.mayModify ? ofBlock : '–',
      yes(rights.mergesState),
      `\`${onError}\``,
    ];
  });
  return table(heads, rows);
}
