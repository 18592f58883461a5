/** A place in a text, in UTF-16 units, and what stands there. */
export interface Finding {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** A text with all that a detector should find in it. */
export interface Sample {
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** How a detector does with one type. */
export interface Score {
  readonly type: string;
  /** How many there are in the samples. */
  readonly expected: number;
  /** How many of them it found whole: what is found in part is still there to read. */
  readonly found: number;
  /** How many things it said are of this type. */
  readonly said: number;
  /** How many of them touch one that is. */
  readonly right: number;
  /** Of what it says, how much is true; undefined where it says nothing. */
  readonly precision: number | undefined;
  /** Of what there is, how much it finds; undefined where there is none. */
  readonly recall: number | undefined;
}

const marker = /\[\[([a-z0-9_]+)\|([\s\S]*?)\]\]/g;

/** Reads a sample in which each thing to be found is marked: `Write to [[email|bob@example.com]].` */
export function sample(marked: string): Sample {
  const findings: Finding[] = [];
  let text = '';
  let from = 0;
  for (const match of marked.matchAll(marker)) {
    const [whole, type = '', value = ''] = match;
    text += marked.slice(from, match.index);
    findings.push({ type, start: text.length, end: text.length + value.length });
    text += value;
    from = match.index + whole.length;
  }
  return { text: text + marked.slice(from), findings };
}

/** Scores what a detector said of each sample, type by type. */
export function scoresOf(
  types: readonly string[],
  samples: readonly Sample[],
  said: readonly (readonly Finding[])[],
): readonly Score[] {
  return types.map((type) => {
    const pairs = samples.map(({ findings }, at) => ({
      wanted: findings.filter((finding) => finding.type === type),
      given: (said[at] ?? []).filter((finding) => finding.type === type),
    }));
    const count = (of: (pair: (typeof pairs)[number]) => number): number =>
      pairs.reduce((sum, pair) => sum + of(pair), 0);
    const expected = count(({ wanted }) => wanted.length);
    const saidCount = count(({ given }) => given.length);
    const found = count(({ wanted, given }) => wanted.filter((one) => isCovered(one, given)).length);
    const right = count(
      ({ wanted, given }) => given.filter((one) => wanted.some((other) => touches(one, other))).length,
    );
    return {
      type,
      expected,
      found,
      said: saidCount,
      right,
      precision: saidCount === 0 ? undefined : right / saidCount,
      recall: expected === 0 ? undefined : found / expected,
    };
  });
}

/** The table of a page: what two detectors do with the same samples. */
export function accuracyTable(ours: readonly Score[], theirs: readonly Score[]): string {
  const rows = ours.map((score, at) => {
    const other = theirs[at];
    const figures = [score.precision, score.recall, other?.precision, other?.recall].map(percent);
    return `| \`${score.type}\` | ${score.expected} | ${figures.join(' | ')} |`;
  });
  return [
    '| type | in the corpus | precision | recall | their precision | their recall |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(100 * share).toFixed(1)} %`;
}

function touches(one: Finding, other: Finding): boolean {
  return one.start < other.end && other.start < one.end;
}

function isCovered(wanted: Finding, given: readonly Finding[]): boolean {
  return given.some(({ start, end }) => start <= wanted.start && wanted.end <= end);
}
