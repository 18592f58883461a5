"""A FastMCP server: its argument is the scheme of its resources; a port after that has it listen there for HTTP."""

import base64
import os
import sys
import warnings
from dataclasses import dataclass

warnings.filterwarnings("ignore")

from fastmcp import Context, FastMCP  # noqa: E402
from fastmcp.exceptions import ToolError  # noqa: E402
from fastmcp.utilities.types import Image  # noqa: E402

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

SCHEME = sys.argv[1]

mcp = FastMCP(SCHEME)


@dataclass
class Count:
    text: str
    words: int


@dataclass
class Title:
    title: str


@mcp.tool
def count_words(text: str) -> Count:
    """Counts the words of a note."""
    return Count(text, len(text.split()))


@mcp.tool
def draw() -> Image:
    """Draws a note as an image."""
    return Image(data=base64.b64decode(PIXEL), format="png")


@mcp.tool
def tear(text: str) -> str:
    """Tears a note, and fails."""
    raise ToolError(f"{text} is torn")


@mcp.tool
async def copy(ctx: Context) -> str:
    """Copies a note page by page."""
    for page in (1, 2, 3):
        await ctx.report_progress(page, 3, f"page {page}")
    return "copied"


@mcp.tool
async def name(ctx: Context) -> str:
    """Asks for the title of a note."""
    answer = await ctx.elicit("Which title?", response_type=Title)
    return f"{answer.action}: {answer.data.title}" if answer.action == "accept" else answer.action


@mcp.tool
def process() -> int:
    """The process that keeps the notes."""
    return os.getpid()


@mcp.prompt
def summarise(topic: str) -> str:
    """Asks for a summary."""
    return f"Summarise the notes on {topic}."


@mcp.resource(f"{SCHEME}://first", mime_type="text/plain")
def first() -> str:
    """The first note."""
    return "buy milk"


@mcp.resource(SCHEME + "://pages/{page}", mime_type="text/plain")
def page(page: str) -> str:
    """One page of the notes."""
    return f"page {page}"


if len(sys.argv) > 2:
    mcp.run(transport="http", host="127.0.0.1", port=int(sys.argv[2]), show_banner=False, log_level="warning")
else:
    mcp.run(show_banner=False)
