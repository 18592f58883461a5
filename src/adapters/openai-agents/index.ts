export {
  type AgentToolCall,
  type ToolGuardrailAnswer,
  type ToolGuardrails,
  toolGuardrails,
  type ToolGuardrailsOptions,
  type ToolInputData,
  type ToolOutputData,
} from './tool-guardrails.js';
