/** Every colour of a drawing, once for light pages and once for dark ones. */
interface ChartColours {
  readonly page: string;
  /** Ground of a state without children. */
  readonly state: string;
  /** Lies over the ground of a composite state, with {@link shade}, and over that of those within it once more. */
  readonly composite: string;
  readonly outline: string;
  readonly rule: string;
  readonly arrow: string;
  readonly anyOutline: string;
  readonly label: string;
  readonly labelOutline: string;
  readonly text: string;
  readonly name: string;
  readonly event: string;
  readonly guard: string;
}

/** How much of a composite state's ground is its own colour. */
export const shade = 0.06;

export const chartColours: Readonly<Record<'light' | 'dark', ChartColours>> = {
  light: {
    page: '#ffffff',
    state: '#ffffff',
    composite: '#57606a',
    outline: '#8c959f',
    rule: '#d0d7de',
    arrow: '#6e7781',
    anyOutline: '#8c959f',
    label: '#ddf4ff',
    labelOutline: '#b6e3ff',
    text: '#424a53',
    name: '#1f2328',
    event: '#0550ae',
    guard: '#6639ba',
  },
  dark: {
    page: '#0d1117',
    state: '#161b22',
    composite: '#b1bac4',
    outline: '#6e7681',
    rule: '#30363d',
    arrow: '#8b949e',
    anyOutline: '#6e7681',
    label: '#0c2d6b',
    labelOutline: '#1158c7',
    text: '#b1bac4',
    name: '#f0f6fc',
    event: '#a5d6ff',
    guard: '#d2a8ff',
  },
};

/** The style sheet of a drawing; it follows the page that the drawing is on. */
export const chartStyle = `
  text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; font-size: 11px; }
  .state > rect { stroke-width: 1.25; }
  .state.compound > rect, .state.parallel > rect { fill-opacity: ${shade}; }
  .name { font-size: 14px; font-weight: 600; }
  .edge > path { fill: none; stroke-width: 1.25; }
  .edge .tip, .dot { stroke: none; }
  .any > rect { fill: none; stroke-dasharray: 3 3; }
  .any > text { font-style: italic; }
  .event { font-weight: 600; }
  .guard { font-weight: 400; }
${colourRules(chartColours.light, '  ')}
  @media (prefers-color-scheme: dark) {
${colourRules(chartColours.dark, '    ')}
  }
`;

function colourRules(colours: ChartColours, indent: string): string {
  return [
    `text { fill: ${colours.text}; }`,
    `.page { fill: ${colours.page}; }`,
    `.state > rect { fill: ${colours.state}; stroke: ${colours.outline}; }`,
    `.state.compound > rect, .state.parallel > rect { fill: ${colours.composite}; }`,
    `.state > line { stroke: ${colours.rule}; }`,
    `.name { fill: ${colours.name}; }`,
    `.edge > path { stroke: ${colours.arrow}; }`,
    `.edge .tip, .dot { fill: ${colours.arrow}; }`,
    `.any > rect { stroke: ${colours.anyOutline}; }`,
    `.label > rect { fill: ${colours.label}; stroke: ${colours.labelOutline}; }`,
    `.event { fill: ${colours.event}; }`,
    `.guard { fill: ${colours.guard}; }`,
  ]
    .map((rule) => `${indent}${rule}`)
    .join('\n');
}
