import type { Measurement } from './measurement.js';

/**
 * The table of last figures in the page on benchmarks, from what several runs printed as JSON: of each row the run whose
 * ratio is in the middle (of two, the worse), and how far apart the ratios of all runs lie. Of one run, how far apart its rounds lie.
 */
export function figuresTable(
  runs: readonly (readonly Measurement[])[],
  limits: Readonly<Record<string, number>>,
): string {
  const names = [...new Set(runs.flatMap((run) => run.map(({ name }) => name)))];
  const rows = names.map((name) => {
    const found = runs.flatMap((run) => run.filter((row) => row.name === name)).toSorted((a, b) => a.ratio - b.ratio);
    return lineOf(name.replace(' (information)', ''), found, limits[name]);
  });
  return ['| row | ours | reference | unit | ratio | apart | at most |', '|---|---|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function lineOf(name: string, sorted: readonly Measurement[], limit: number | undefined): string {
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error(`no run has the row ${name}`);
  const { ours, reference, unit, ratio, spread } = middle;
  const ends = sorted.length > 1 ? [sorted[0]?.ratio, sorted.at(-1)?.ratio] : (spread ?? []);
  const verdict = limit === undefined ? '' : ratio <= limit ? ` ${limit}` : ` ${limit}: missed`;
  return `| \`${name}\` | ${ours} | ${reference} | ${unit} | ${ratio} | ${ends.join('–')} |${verdict} |`;
}
