/** The two engines that patterns are written for. */
export type Dialect = 'linear' | 'backtracking';

/** How an engine writes what Python's `re` writes its own way. */
export interface DialectSpelling {
  codePoint(point: number): string;
  readonly anyButNewline: string;
  readonly any: string;
  readonly textStart: string;
  readonly lineStart: string;
  readonly textEnd: string;
  readonly lineEnd: string;
  /**
   * Where Python's `$` matches: at the end, and before a newline at the end. The linear engine cannot look ahead, so it
   * takes the newline along, in a group of its own.
   */
  readonly endOrLastNewline: string;
  readonly boundary: { readonly unicode: string; readonly ascii: string };
  readonly noBoundary: { readonly unicode: string; readonly ascii: string };
}

const escaped =
  (letter: string) =>
  (point: number): string => {
    const character = String.fromCodePoint(point);
    return /[A-Za-z0-9]/.test(character) ? character : `\\${letter}{${point.toString(16)}}`;
  };
const word = String.raw`[\p{L}\p{N}_]`;
const asciiWord = '[A-Za-z0-9_]';
const boundaryOf = (letter: string): string => `(?:(?<=${letter})(?!${letter})|(?<!${letter})(?=${letter}))`;
const noBoundaryOf = (letter: string): string => `(?:(?<=${letter})(?=${letter})|(?<!${letter})(?!${letter}))`;

export const spellings: Readonly<Record<Dialect, DialectSpelling>> = {
  linear: {
    codePoint: escaped('x'),
    anyButNewline: String.raw`[^\n]`,
    any: '(?s:.)',
    textStart: String.raw`\A`,
    lineStart: '(?m:^)',
    textEnd: String.raw`\z`,
    lineEnd: '(?m:$)',
    endOrLastNewline: String.raw`(\n?)\z`,
    // The engine's boundaries know the letters of ASCII alone.
    boundary: { unicode: String.raw`\b`, ascii: String.raw`\b` },
    noBoundary: { unicode: String.raw`\B`, ascii: String.raw`\B` },
  },
  backtracking: {
    codePoint: escaped('u'),
    anyButNewline: String.raw`[^\n]`,
    any: String.raw`[\s\S]`,
    textStart: String.raw`(?<![\s\S])`,
    lineStart: String.raw`(?<![^\n])`,
    textEnd: String.raw`(?![\s\S])`,
    lineEnd: String.raw`(?![^\n])`,
    endOrLastNewline: String.raw`(?=\n?(?![\s\S]))`,
    boundary: { unicode: boundaryOf(word), ascii: boundaryOf(asciiWord) },
    noBoundary: { unicode: noBoundaryOf(word), ascii: noBoundaryOf(asciiWord) },
  },
};
