import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage } from 'langchain';

/** A stand-in for a model, which calls a tool once and is done. */
export class ScriptedModel extends BaseChatModel {
  #calls = 0;

  /**
   * @param {string} name of the tool
   * @param {Record<string, unknown>} args
   */
  constructor(name, args) {
    super({});
    this.call = { name, args, id: 'call-1' };
  }

  _llmType() {
    return 'scripted';
  }

  /** @override */
  bindTools() {
    return this;
  }

  /** @override */
  async _generate() {
    const message =
      this.#calls++ === 0 ? new AIMessage({ content: '', tool_calls: [this.call] }) : new AIMessage('done');
    return { generations: [{ message, text: '' }] };
  }
}
