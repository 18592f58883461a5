import type {
  InvocationDetail,
  InvocationRow,
  StepDetail,
  StepStatus,
} from '../../inspect/live/feed/feed-invocations.js';
import { paddedText } from './cell-text.js';
import { pageOf } from './connection-lines.js';
import { exactTimeOfDay, millis } from './durations.js';
import { textIn } from './encoded-line.js';
import type { Frame } from './frame.js';
import type { Glyph, Line, Tone } from './look.js';
import { chosenRow } from './view.js';

const marks: Readonly<Record<StepStatus, readonly [Glyph, Tone | undefined]>> = {
  running: ['running', 'connecting'],
  passed: ['passed', undefined],
  modified: ['modified', 'modified'],
  blocked: ['blocked', 'blocked'],
  failed: ['failed', 'failed'],
  timedOut: ['timedOut', 'failed'],
  aborted: ['aborted', 'quiet'],
  skipped: ['skipped', 'quiet'],
  disabled: ['skipped', 'quiet'],
  background: ['background', 'quiet'],
  notReached: ['skipped', 'quiet'],
};

/** The list of invocations, the newest first. */
export function invocationLines(frame: Frame, height: number): Line[] {
  const { rows, view, picture } = frame;
  if (height <= 0) return [];
  const sample = picture.samples.invocations;
  const isSampled = sample !== undefined && sample.drawn > 1;
  const note = isSampled ? ` 1 in ${sample.drawn}   always: ${sample.keeps.join(', ')}` : '';
  const heading: Line = {
    spans: [
      { text: 'INVOCATIONS', tone: 'head' },
      { text: note, tone: 'quiet' },
    ],
  };
  const chosen = view.pane === 'invocations' ? chosenRow(view, rows.ids) : -1;
  // Beside the connections it is a glance: the newest, and no word of the rest.
  const isGlance = view.pane !== 'invocations';
  const all = isGlance ? rows.invocations.slice(0, height - 1) : rows.invocations;
  const { shown, first, more } = pageOf(all, Math.max(0, chosen), height - 1);
  const lines = shown.map((row, index) => invocationLine(frame, row, first + index === chosen));
  const nothing = view.filter === '' ? 'None yet.' : 'Nothing matches the filter.';
  const rest = rows.invocations.length === 0 ? nothing : more;
  if (rest !== undefined) lines.push({ spans: [{ text: `  ${rest}`, tone: 'quiet' }] });
  return [heading, ...lines].slice(0, height);
}

function invocationLine(frame: Frame, row: InvocationRow, isChosen: boolean): Line {
  const { look, picture, utcOffset, columns } = frame;
  const [glyph, tone] = marks[row.outcome];
  const cell = (text: string, width: number, side?: 'right'): string =>
    paddedText(textIn(look, text), width, look.glyphs.cut, side);
  const isWide = columns >= 120;
  const when = exactTimeOfDay((picture.hello?.epoch ?? 0) + row.t, utcOffset);
  const decided = row.decided === undefined ? 'running' : millis(row.decided);
  const ticks = isWide
    ? cell(ticksOf(frame, row), 34)
    : cell(row.ticks.map(([, status]) => tick(frame, status)).join(''), 10);
  const agent = isWide ? `${cell(row.hook, 17)} ${cell(row.agent ?? '-', 12)}` : cell(row.hook, 16);
  return {
    isChosen,
    spans: [
      { text: `${when} ${isChosen ? look.glyphs.chosen : ' '}` },
      { text: look.glyphs[glyph], tone },
      { text: ` ${cell(row.subject, isWide ? 18 : 16)} ${agent} ${ticks} ${cell(decided, 8, 'right')}  ` },
      { text: row.by ?? '', tone },
    ],
  };
}

function tick({ look }: Frame, status: StepStatus): string {
  return look.glyphs[marks[status][0]];
}

/** `seq ✓✓- tra ▲ aud ✓`: one mark a plugin, by phases. */
function ticksOf(frame: Frame, { ticks }: InvocationRow): string {
  let [text, before] = ['', ''];
  for (const [phase, status] of ticks) {
    const isNew = phase !== before;
    text += `${isNew ? `${text === '' ? '' : ' '}${shortPhase(phase)} ` : ''}${tick(frame, status)}`;
    before = phase;
  }
  return text;
}

function shortPhase(phase: string): string {
  return phase === 'background' ? 'bg' : phase.slice(0, 3);
}

/** One invocation by itself: what each plugin did, and why it ended as it did. */
export function invocationDetails(frame: Frame, height: number): Line[] {
  const { rows, view, invocation } = frame;
  const row = rows.invocations[chosenRow(view, rows.ids)];
  if (row === undefined) return [{ spans: [{ text: 'No invocation is chosen.', tone: 'quiet' as const }] }];
  const [, tone] = marks[row.outcome];
  const by = row.by === undefined ? '' : ` by ${row.by}`;
  const lines: Line[] = [
    {
      spans: [
        { text: `${row.subject}  ${row.hook}  `, tone: 'head' },
        { text: `${row.outcome}${by}`, tone },
        { text: `  ${row.decided === undefined ? 'running' : millis(row.decided)}` },
      ],
    },
    { spans: [{ text: `request ${row.requestId}   agent ${row.agent ?? 'unknown'}`, tone: 'quiet' }] },
  ];
  if (invocation?.id !== row.id)
    lines.push({ spans: [{ text: 'Details are not held any more, or not yet here.', tone: 'quiet' }] });
  else lines.push(...detailLines(frame, invocation));
  return lines.slice(0, Math.max(0, height));
}

function detailLines(frame: Frame, { steps, violation, told, diff, error, revision }: InvocationDetail): Line[] {
  const lines: Line[] = steps.map((step) => stepLine(frame, step));
  const say = (text: string, tone?: Tone): number => lines.push({ spans: [{ text, tone }] });
  if (violation !== undefined) {
    say(`WHY  ${violation.code}  ${violation.reason}`, 'blocked');
    if (violation.description !== undefined) say(`  ${violation.description}`);
    if (violation.at !== undefined) say(`  at ${violation.at}`);
  }
  if (error !== undefined) say(`ERROR  ${error.code}  ${error.message}`, 'failed');
  if (told !== undefined) say(`TOLD THE AGENT  ${told}`);
  if (diff !== undefined) {
    say('WHAT CHANGED', 'head');
    for (const { path, kind } of diff.changes) say(`  ${kind.padEnd(8)} ${path}`, 'modified');
    if (diff.more > 0) say(`  and ${diff.more} more`);
  }
  say(`configuration ${revision}`, 'quiet');
  return lines;
}

function stepLine({ look }: Frame, step: StepDetail): Line {
  const [glyph, tone] = marks[step.status];
  const cell = (text: string, width: number): string => paddedText(textIn(look, text), width, look.glyphs.cut);
  const why = [step.why, step.outstanding, step.error?.message, step.source].filter((part) => part !== undefined);
  return {
    spans: [
      { text: `  ${look.glyphs[glyph]} ${cell(step.status, 11)}`, tone },
      { text: ` ${cell(step.p, 20)} ${cell(step.phase, 11)} ${millis(step.ms).padStart(8)}  ${why.join('  ')}` },
    ],
  };
}
