"""A loop whose time passes only where nothing else is left to do: waits cost nothing, and come out in the same order."""

import asyncio
import selectors


class VirtualSelector(selectors.DefaultSelector):
    """Answers at once, and lets the time go by that it should have waited."""

    loop = None

    def select(self, timeout=None):
        if timeout is not None and timeout > 0:
            self.loop.seconds += timeout
            timeout = 0
        return super().select(timeout)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.seconds = 0.0
        selector = VirtualSelector()
        selector.loop = self
        super().__init__(selector)

    def time(self):
        # Timers that are set one after the other for the same moment go off one after the other.
        self.seconds += 1e-8
        return self.seconds
