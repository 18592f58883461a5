export { failureText, summaryLine } from './report-text.js';
export { actsOfText } from './shrink.js';
export { simulate, type SimulateOptions } from './simulate.js';
