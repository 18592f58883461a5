import type { PinStage } from '../pins/pin-stage.js';
import type { OfferStage } from './tool-offers.js';

/** Holds what agents are shown, and what they may call, to what was approved. */
export function pinnedStage(pins: PinStage): OfferStage {
  return {
    isOn: (server) => pins.isOn(server),
    dependsOnViewer: () => false,
    refusal: (tool, server) => pins.refusal(tool, server),
    offer: (_viewer, server, tools) => pins.offer(server, tools),
  };
}
