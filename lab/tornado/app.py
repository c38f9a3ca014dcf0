"""The lab's application as a real one: Tornado, answering as lab/native/instance.c does.

    python3 app.py RELEASE_FOLDER PORT [ADDRESS]
"""

import asyncio
import pathlib
import signal
import sys
import time

import tornado.httpserver
import tornado.web

folder = pathlib.Path(sys.argv[1])
release = (folder / "RELEASE").read_text().strip()
conf = dict(line.split("=", 1) for line in (folder / "app.conf").read_text().split())
sick = conf.get("health") == "sick"
working = 0


class Page(tornado.web.RequestHandler):
    def set_default_headers(self):
        self.set_header("X-Release", release)
        self.set_header("Content-Type", "text/plain")

    async def get(self, *_):
        self.set_status(500 if sick else 200)
        self.write(release + "\n")


class Slow(Page):
    async def get(self):
        global working
        working += 1
        try:
            await asyncio.sleep(int(self.get_argument("ms", "0")) / 1000)
        finally:
            working -= 1
        await super().get()


class Busy(Page):
    async def get(self):
        self.write(f"{working}\n")


async def main():
    if conf.get("start") == "crash":
        sys.exit(f"release {release} is broken: it ends at its start")
    time.sleep(int(conf.get("start-delay-ms", "0")) / 1000)
    server = tornado.httpserver.HTTPServer(
        tornado.web.Application([("/slow", Slow), ("/busy", Busy), ("/.*", Page)])
    )
    server.listen(int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "0.0.0.0")
    ending = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ending.set)
    await ending.wait()
    server.stop()
    while working:
        await asyncio.sleep(0.01)
    await server.close_all_connections()


asyncio.run(main())
