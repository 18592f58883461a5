export {
  guardToolCalls,
  type GuardToolCallsOptions,
  type LangchainToolCall,
  type LangchainToolRequest,
  type ToolCallMiddleware,
} from './guard-tool-calls.js';
