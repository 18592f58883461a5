import { exactMs } from './duration-text.js';
import { mostNote, type PlacedMessage } from './sequence-layout.js';
import { textWidth } from './text-width.js';

export interface SequenceArrowProps {
  readonly placed: PlacedMessage;
  /** Shortens a text to some pixels. */
  readonly cut: (text: string, room: number) => string;
}

const tip = 7;

/** A message from one line to another, or a note on a line. */
export function SequenceArrow({ placed: { message, y, from, to, look }, cut }: SequenceArrowProps) {
  const title = `${exactMs(message.t)}: ${message.text}`;
  if (from === to) {
    const text = cut(message.text, mostNote);
    const width = Math.ceil(textWidth(text)) + 16;
    const left = Math.max(0, from - width / 2);
    return (
      <g class={`sequence-note${look === undefined ? '' : ` look-${look}`}`}>
        <title>{title}</title>
        <rect x={left} y={y - 14} width={width} height={20} rx={4} />
        <text x={left + width / 2} y={y}>
          {text}
        </text>
      </g>
    );
  }
  const way = Math.sign(to - from);
  const points = `${to},${y} ${to - way * tip},${y - 3.5} ${to - way * tip},${y + 3.5}`;
  return (
    <g class={`sequence-message is-${message.kind}`}>
      <title>{title}</title>
      <path d={`M${from} ${y}H${to - way * (tip - 1)}`} />
      <polygon points={points} />
      <text x={(from + to) / 2} y={y - 5}>
        {cut(message.text, Math.abs(to - from) - 12)}
      </text>
    </g>
  );
}
