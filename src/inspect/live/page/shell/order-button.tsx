import { answerInWords, type Order } from '../parts/control-order.js';
import { useControl, usePage } from './page-context.js';

/** Asks, has it done, and says what came of it. */
export function useOrders(): (order: Order) => Promise<void> {
  const { requests, ask, say } = usePage();
  return async (order) => {
    const { title, consequence, label, grave, request } = order;
    if (!(await ask({ title, consequence, action: label, grave }))) return;
    try {
      say(answerInWords(order, await requests.control(request)));
    } catch (error) {
      say(`${label} was not done: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

/** A button for an order. There is none where no orders are taken. */
export function OrderButton({ order }: { readonly order: Order }) {
  const give = useOrders();
  if (!useControl()) return null;
  return (
    <button type="button" class={order.grave ? 'button is-grave' : 'button'} onClick={() => void give(order)}>
      {order.label}
    </button>
  );
}
