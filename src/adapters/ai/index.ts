export { type AiToolLike, guardTools, type GuardToolsOptions } from './guard-tools.js';
