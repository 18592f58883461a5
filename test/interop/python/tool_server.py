"""A tool server on the Python SDK's FastMCP, over stdio. Version 2 of the SDK calls it MCPServer."""

try:
    from mcp.server.fastmcp import FastMCP as Server
except ImportError:
    from mcp.server.mcpserver import MCPServer as Server

server = Server("tools")


@server.tool()
def shout(text: str) -> str:
    return text.upper()


@server.tool()
def fail(text: str) -> str:
    raise ValueError(f"cannot do {text}")


@server.prompt()
def greet(name: str) -> str:
    return f"Greet {name}"


@server.resource("notes://today")
def today() -> str:
    return "milk, bread"


server.run()
