"""Their plugin server over HTTPS. As published it hands `ssl_cert_reqs` on as text, with which uvicorn does not start."""

import asyncio

from cpex.framework.external.mcp.server import runtime

published = runtime.SSLCapableMCPServer._get_ssl_config


def with_number(self):
    config = published(self)
    if "ssl_cert_reqs" in config:
        config["ssl_cert_reqs"] = int(config["ssl_cert_reqs"])
    return config


runtime.SSLCapableMCPServer._get_ssl_config = with_number

if __name__ == "__main__":
    asyncio.run(runtime.run())
