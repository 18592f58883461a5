let context: CanvasRenderingContext2D | null | undefined;

/** Pixels that a text takes in the letters of the page, at a size of 12 pixels. */
export function textWidth(text: string): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (context === null) return text.length * 7;
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return context.measureText(text).width;
}
