"""The broadcast of websockets' documentation."""

import asyncio
import sys

from websockets.asyncio.server import broadcast, serve

connections = set()


async def talk(connection):
    connections.add(connection)
    try:
        async for message in connection:
            broadcast(connections, message)
    finally:
        connections.discard(connection)


async def main():
    async with serve(talk, "127.0.0.1", int(sys.argv[1]), backlog=4096) as server:
        await server.serve_forever()


asyncio.run(main())
