export { type ReadyMadeKind, readyMadeKind, readyMadeKinds } from './ready-made-kinds.js';
