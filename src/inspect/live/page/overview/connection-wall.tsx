import { useMemo, useRef, useState } from 'preact/hooks';
import type { ActorState } from '../../feed/feed-states.js';
import { Card } from '../parts/card.js';
import { useElementWidth } from '../parts/element-width.js';
import { formOf } from '../parts/ribbon-form.js';
import { palette } from '../parts/palette.js';
import { count } from '../parts/time-format.js';
import { RibbonKey } from '../parts/ribbon-key.js';
import { printRoute } from '../routes/route.js';
import { useFrame, usePage } from '../shell/page-context.js';
import { actorAt, fieldPlace, wallField, type WallLayout, wallLayout } from './wall-layout.js';

/** A field for each connection, grouped by state: what is wrong is at the top. */
export function ConnectionWall({ connections }: { readonly connections: readonly ActorState[] }) {
  const { go } = usePage();
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useElementWidth(canvas);
  const states = connections.map(({ at }) => at).join();
  // Counts change all the time; the wall is drawn anew when a state does.
  const layout = useMemo(() => wallLayout(connections, width), [states, width]);
  const [pointed, setPointed] = useState<ActorState | undefined>(undefined);
  const drawn = useRef<{ readonly layout: WallLayout; readonly version: number } | undefined>(undefined);
  useFrame(() => {
    if (canvas.current === null || width === 0) return;
    if (drawn.current?.layout === layout && drawn.current.version === palette.version) return;
    drawn.current = { layout, version: palette.version };
    drawWall(canvas.current, width, layout);
  }, [layout]);
  const at = (event: MouseEvent) => actorAt(layout, event.offsetX, event.offsetY);
  const words = layout.groups.map(({ head, actors }) => `${actors.length} ${head}`).join(', ');
  return (
    <Card title="Connections" note={`${count(connections.length)}, by state`} actions={<RibbonKey />}>
      <div class="wall">
        <canvas
          ref={canvas}
          role="img"
          aria-label={words}
          style={{ height: `${layout.height}px` }}
          onPointerMove={(event) => setPointed(at(event))}
          onPointerLeave={() => setPointed(undefined)}
          onClick={(event) => {
            const actor = at(event);
            if (actor !== undefined) go({ view: 'connections', id: actor.id });
          }}
        />
      </div>
      <p class="wall-foot">
        <span class="cut">
          {pointed === undefined ? 'Point at a field for its name.' : `${pointed.name}, ${pointed.at}`}
        </span>
        <a class="button is-quiet" href={printRoute({ view: 'connections' })}>
          As a list
        </a>
      </p>
    </Card>
  );
}

function drawWall(canvas: HTMLCanvasElement, width: number, layout: WallLayout): void {
  canvas.width = width * devicePixelRatio;
  canvas.height = layout.height * devicePixelRatio;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(devicePixelRatio, devicePixelRatio);
  context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  for (const group of layout.groups) {
    const { meaning, head, actors, left, top } = group;
    context.fillStyle = palette.colour(meaning);
    context.fillText(`${head} ${count(actors.length)}`, left, top + 12);
    const fill = palette.colour(`${meaning}-fill`);
    const { pattern, height } = formOf(meaning);
    for (let index = 0; index < actors.length; index++) {
      const [x, y] = fieldPlace(group, index);
      const size = wallField - 2;
      context.fillStyle = fill;
      context.strokeStyle = fill;
      context.lineWidth = 1;
      if (pattern === 'thin') context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
      else if (pattern === 'hatched') {
        context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
        context.beginPath();
        context.lineWidth = 2;
        context.moveTo(x + 1, y + size - 1);
        context.lineTo(x + size - 1, y + 1);
        context.stroke();
      } else if (height < 1) {
        context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
        context.fillRect(x, y + size / 2, size, size / 2);
      } else context.fillRect(x, y, size, size);
    }
  }
}
